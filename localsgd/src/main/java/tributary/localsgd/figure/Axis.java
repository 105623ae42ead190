package tributary.localsgd.figure;

import tools.jackson.databind.node.ObjectNode;
import tributary.model.json.JsonFile;

/// A direction of a picture.
///
/// @param name what stands along it, such as `validation loss`
/// @param unit in which it is counted, such as `nats a token`; empty for plain numbers
public record Axis(String name, String unit, Scale scale) {

    /// How numbers become distances.
    public enum Scale { LINEAR, LOG }

    public static Axis linear(String name, String unit) {
        return new Axis(name, unit, Scale.LINEAR);
    }

    /// Numbers that are not positive cannot stand on it and are left out.
    public static Axis log(String name, String unit) {
        return new Axis(name, unit, Scale.LOG);
    }

    ObjectNode toJson() {
        return JsonFile.object().put("name", name).put("unit", unit).put("log", scale == Scale.LOG);
    }

    boolean holds(double value) {
        return Double.isFinite(value) && (scale == Scale.LINEAR || value > 0);
    }
}
