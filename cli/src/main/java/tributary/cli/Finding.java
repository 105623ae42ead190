package tributary.cli;

import java.util.Locale;
import tools.jackson.databind.node.ObjectNode;

/// One thing `doctor` looked at.
///
/// @param name of the thing
/// @param value what was found
/// @param state whether it is as it should be
/// @param mend what to do about it; empty where nothing has to be done
record Finding(String name, String value, State state, String mend) {

    /// How the thing stands.
    enum State { GOOD, SLOW, MISSING }

    static Finding good(String name, String value) {
        return new Finding(name, value, State.GOOD, "");
    }

    static Finding slow(String name, String value, String mend) {
        return new Finding(name, value, State.SLOW, mend);
    }

    static Finding missing(String name, String value, String mend) {
        return new Finding(name, value, State.MISSING, mend);
    }

    /// Adds this to a JSON object under its name.
    void putInto(ObjectNode object) {
        ObjectNode finding = object.putObject(name.replace(' ', '_'));
        finding.put("value", value);
        finding.put("state", state.name().toLowerCase(Locale.ROOT));
        if (!mend.isEmpty()) {
            finding.put("mend", mend);
        }
    }
}
