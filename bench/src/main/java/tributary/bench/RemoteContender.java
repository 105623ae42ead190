package tributary.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The other end of a [ContenderProcess].
final class RemoteContender implements AutoCloseable {
    private final String name;
    private final Process process;
    private final BufferedReader answers;
    private final PrintWriter orders;
    private final String description;

    /// Starts the process, with the flags that the project's launcher gives to its JVM, and waits until it is there: two
    /// that unpack a native library at once would be in each other's way.
    ///
    /// @param jvmOptions more flags, such as `-XX:UseAVX=2`
    RemoteContender(String name, int threads, List<String> jvmOptions) {
        this.name = name;
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseParallelGC", "-XX:MaxRAMPercentage=60",
                "-Xmn64m",
                "--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        if (System.getProperty("os.name").equals("Linux")) {
            command.add("-XX:+UseTransparentHugePages");
        }
        command.addAll(jvmOptions);
        command.addAll(List.of(
                "-cp", System.getProperty("java.class.path"), ContenderProcess.class.getName(), name, Integer.toString(threads)));
        try {
            process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        answers = process.inputReader();
        orders = new PrintWriter(process.outputWriter(), true);
        description = answer("its start");
    }

    String name() {
        return name;
    }

    /// Who computes.
    String description() {
        return description;
    }

    void prepare(String word) {
        ask("prepare " + word);
    }

    /// @return the seconds that so many runs took
    double run(long count) {
        return Long.parseLong(ask("run " + count)) / 1e9;
    }

    /// The loss of the last training step.
    double result() {
        return Double.parseDouble(ask("result"));
    }

    /// The multiply-add ceiling, measured for a moment, in GFLOP/s.
    double ceiling() {
        return Double.parseDouble(ask("ceiling 50"));
    }

    /// Bytes resident at most so far, 0 where the system does not say.
    long memory() {
        return Long.parseLong(ask("memory"));
    }

    private String ask(String order) {
        orders.println(order);
        return answer("'" + order + "'");
    }

    private String answer(String question) {
        try {
            String line = answers.readLine();
            if (line == null || !line.startsWith(ContenderProcess.ANSWER)) {
                throw new IllegalStateException(name + " ended at " + question + "; its own words are above");
            }
            return line.substring(ContenderProcess.ANSWER.length());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        orders.close();
        process.destroy();
    }
}
