package tributary.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The finished jar, run in processes of their own.
final class Jar {
    static final Path FILE = Path.of(System.getProperty("tributary.jar"));
    static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
    private static final long MOST_SECONDS = 240;

    private Jar() {}

    /// `java -jar tributary.jar ...`, as a user types it.
    static Process start(Path folder, String name, Object... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(JAVA.toString(), "-jar", FILE.toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return start(folder, name, command);
    }

    /// A process whose streams go to `<name>.out` and `<name>.err` in a folder, in which it also works.
    static Process start(Path folder, String name, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().remove("JDK_JAVA_OPTIONS");
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        return builder.redirectOutput(folder.resolve(name + ".out").toFile()).redirectError(folder.resolve(name + ".err").toFile()).start();
    }

    /// Waits for a process and gives what it left.
    static Shell finish(Path folder, String name, Process process) throws IOException, InterruptedException {
        if (!process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(name + " did not end within " + MOST_SECONDS + " s; its standard error: "
                    + Files.readString(folder.resolve(name + ".err")));
        }
        return new Shell(process.exitValue(), Files.readString(folder.resolve(name + ".out")),
                Files.readString(folder.resolve(name + ".err")));
    }

    static Shell run(Path folder, String name, Object... arguments) throws IOException, InterruptedException {
        return finish(folder, name, start(folder, name, arguments));
    }
}
