package tributary.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What a command left.
///
/// @param out its standard output
/// @param err its standard error
record Shell(int exitCode, String out, String err) {

    /// Runs a command in this JVM.
    static Shell run(Object... arguments) {
        String[] words = new String[arguments.length];
        for (int i = 0; i < words.length; i++) {
            words[i] = arguments[i].toString();
        }
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Tributary.run(new PrintWriter(out), new PrintWriter(err), words);
        return new Shell(exitCode, out.toString(), err.toString());
    }

    /// The standard output as a JSON object.
    JsonNode json() {
        return JsonMapper.shared().readTree(out);
    }

    /// A text of a few thousand characters with something in it to learn.
    static Path text(Path folder) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 400; i++) {
            text.append("the ").append(i * i % 97).append(" small rivers meet.\n");
        }
        return Files.writeString(folder.resolve("text.txt"), text);
    }
}
