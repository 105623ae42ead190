package tributary.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import tributary.tensor.FmaCeiling;

/// A contender in a process of its own, so that its memory can be told from the others' and nobody else's threads spin
/// while it works. It says who computes, then obeys one line at a time on the standard input. Every answer is one line:
///
/// - `prepare WORD`: makes a workload ready, runs it once and checks the result
/// - `run COUNT`: answers with the nanoseconds that took
/// - `result`: the first number of the last result
/// - `ceiling MILLISECONDS`: the multiply-add ceiling, GFLOP/s
/// - `memory`: the largest resident set so far, in bytes
final class ContenderProcess {
    /// How an answer begins: a JVM that crashes writes to the standard output too.
    static final String ANSWER = "= ";

    private static final Path STATUS = Path.of("/proc/self/status");

    private final Contender contender;
    private final int threads;
    private Work work;

    private ContenderProcess(Contender contender, int threads) {
        this.contender = contender;
        this.threads = threads;
    }

    /// @param arguments the contender's name and its number of threads
    public static void main(String... arguments) throws IOException {
        int threads = Integer.parseInt(arguments[1]);
        PrintStream out = System.out;
        System.setOut(System.err); // a library that prints must not answer
        try (Contender contender = Peers.all().get(arguments[0]).apply(threads)) {
            ContenderProcess process = new ContenderProcess(contender, threads);
            out.println(ANSWER + contender.description());
            BufferedReader orders = new BufferedReader(new InputStreamReader(System.in));
            for (String order = orders.readLine(); order != null; order = orders.readLine()) {
                out.println(ANSWER + process.obey(order));
            }
        } catch (IllegalArgumentException | IllegalStateException | UnsupportedOperationException e) {
            System.err.println(arguments[0] + ": " + e.getMessage());
            System.exit(1);
        }
    }

    private String obey(String order) throws IOException {
        String[] words = order.split(" ");
        return switch (words[0]) {
            case "prepare" -> prepare(Workload.parse(words[1]));
            case "run" -> Long.toString(run(Long.parseLong(words[1])));
            case "result" -> Float.toString(work.result()[0]);
            case "ceiling" -> Double.toString(FmaCeiling.gflops(threads, Duration.ofMillis(Long.parseLong(words[1]))));
            case "memory" -> Long.toString(largestResidentSet());
            default -> throw new IllegalArgumentException("unknown order " + order);
        };
    }

    private String prepare(Workload workload) {
        work = null; // the old one's memory first
        Expectation expectation = Expectation.of(workload);
        work = contender.prepare(workload);
        work.run();
        if (expectation.places().length > 0) {
            expectation.check(contender.description(), work.result());
        }
        return "ready";
    }

    private long run(long count) {
        long start = System.nanoTime();
        for (long i = 0; i < count; i++) {
            work.run();
        }
        return System.nanoTime() - start;
    }

    private static long largestResidentSet() throws IOException {
        if (!Files.exists(STATUS)) {
            return 0;
        }
        return Files.readAllLines(STATUS).stream().filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", ""))).findFirst().orElse(0);
    }
}
