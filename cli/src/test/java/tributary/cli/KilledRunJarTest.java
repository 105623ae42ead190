package tributary.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Runs that are really killed and resumed, against one that nobody touched.
class KilledRunJarTest {
    private static final int STEPS = 400;
    private static final int KILLS = 4;
    private static final List<String> TIMES = List.of("tokens_per_second", "elapsed_seconds");

    @TempDir
    static Path folder;
    static Path text;
    static Path untouched;
    static long untouchedMilliseconds;

    @BeforeAll
    static void trainUntouched() throws Exception {
        text = Shell.text(folder);
        untouched = folder.resolve("untouched");
        long start = System.nanoTime();
        assertThat(Jar.finish(folder, "untouched", train("untouched", untouched, 1)).exitCode()).isZero();
        untouchedMilliseconds = (System.nanoTime() - start) / 1_000_000;
    }

    private static Process train(String name, Path out, int threads, String... more) throws IOException {
        return Jar.start(folder, name, Stream.concat(
                Stream.of("train", "--data", text, "--out", out, "--threads", threads, "--layers", 2, "--heads", 2, "--width", 32,
                        "--context", 32,
                        "--batch", 4, "--steps", STEPS, "--dropout", 0.1, "--eval-every", 100, "--checkpoint-every", 20, "--json"),
                Stream.of(more)).toArray());
    }

    @Test
    void killedAtRandomMomentsAndResumedItEndsWithTheSameBits() throws Exception {
        Path out = folder.resolve("killed");
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<String> history = new ArrayList<>(List.of("seed " + seed));
        for (int kill = 0; kill < KILLS; kill++) {
            Process process = train("killed", out, 2, "--resume");
            long moment = (long) (untouchedMilliseconds * (0.1 + 0.8 * random.nextDouble()));
            boolean ended = process.waitFor(moment, TimeUnit.MILLISECONDS);
            process.destroyForcibly().waitFor();
            history.add((ended ? "ended before " : "killed after ") + moment + " ms");
        }
        Shell resumed = Jar.finish(folder, "killed", train("killed", out, 2, "--resume"));
        assertThat(resumed.exitCode()).as(() -> history + resumed.err()).isZero();
        assertThat(history).as("at least one of the kills has to hit").anyMatch(line -> line.startsWith("killed"));
        assertSameRun(out, history.toString());
    }

    @Test
    void twoThreadsGiveTheBitsOfOne() throws Exception {
        Path out = folder.resolve("two-threads");
        assertThat(Jar.finish(folder, "two-threads", train("two-threads", out, 2)).exitCode()).isZero();
        assertSameRun(out, "two threads");
    }

    @Test
    void sigtermWritesACheckpointAndEndsWith143() throws Exception {
        Path out = folder.resolve("terminated");
        Process process = train("terminated", out, 1);
        Path metrics = out.resolve("metrics.jsonl");
        while (process.isAlive() && (Files.notExists(metrics) || Files.size(metrics) == 0)) {
            Thread.sleep(5);
        }
        process.destroy();
        Shell stopped = Jar.finish(folder, "terminated", process);
        assertThat(stopped.exitCode()).as(stopped.err()).isEqualTo(143);
        assertThat(stopped.err()).contains("stopped", "checkpoints/step-", "--resume --out " + out);
        assertThat(stopped.out()).isEmpty();
        try (Stream<Path> checkpoints = Files.list(out.resolve("checkpoints"))) {
            assertThat(checkpoints.map(path -> path.getFileName().toString())).anyMatch(name -> name.startsWith("step-"));
        }

        assertThat(Jar.run(folder, "continued", "train", "--resume", "--out", out, "--json").exitCode()).isZero();
        assertSameRun(out, "stopped by SIGTERM");
    }

    @Test
    void aFolderInUseIsRefused() throws Exception {
        Path out = folder.resolve("in-use");
        Process process = train("in-use", out, 1);
        Path metrics = out.resolve("metrics.jsonl");
        while (process.isAlive() && (Files.notExists(metrics) || Files.size(metrics) == 0)) {
            Thread.sleep(5);
        }
        Shell refused = Jar.run(folder, "refused", "train", "--resume", "--out", out);
        process.destroyForcibly().waitFor();
        assertThat(refused.err()).contains("in use").hasLineCount(1);
        assertThat(refused.exitCode()).isEqualTo(1);
    }

    @Test
    void aBrokenCheckpointFallsBackToTheOneBefore() throws Exception {
        Path out = folder.resolve("broken");
        Process process = train("broken", out, 1);
        while (process.isAlive() && checkpoints(out).size() < 2) {
            Thread.sleep(5);
        }
        process.destroyForcibly().waitFor();
        Path newest = checkpoints(out).getLast().resolve("training.safetensors");
        byte[] content = Files.readAllBytes(newest);
        Files.write(newest, Arrays.copyOf(content, content.length / 2));
        Shell resumed = Jar.run(folder, "mended", "train", "--resume", "--out", out, "--json");
        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
        assertThat(resumed.err()).contains(newest.getParent().getFileName().toString());
        assertSameRun(out, "broken checkpoint");
    }

    private static List<Path> checkpoints(Path out) throws IOException {
        Path checkpoints = out.resolve("checkpoints");
        if (Files.notExists(checkpoints)) {
            return List.of();
        }
        try (Stream<Path> content = Files.list(checkpoints)) {
            return content.filter(path -> path.getFileName().toString().startsWith("step-")).sorted().toList();
        }
    }

    private static void assertSameRun(Path out, String history) throws IOException {
        Path last = Path.of("checkpoints", "step-%08d".formatted(STEPS));
        for (String file : List.of("model.safetensors", "training.safetensors", "config.json", "tokenizer.json")) {
            assertThat(out.resolve(last).resolve(file)).as(history).hasSameBinaryContentAs(untouched.resolve(last).resolve(file));
        }
        assertThat(metrics(out)).as(history).isEqualTo(metrics(untouched));
    }

    /// Every tenth step is logged whatever the clock says; figures that are times differ.
    private static List<JsonNode> metrics(Path out) throws IOException {
        return Files.readAllLines(out.resolve("metrics.jsonl")).stream()
                .map(line -> (ObjectNode) JsonMapper.shared().readTree(line))
                .filter(line -> line.get("step").asInt() % 10 == 0)
                .<JsonNode>map(line -> line.remove(TIMES))
                .toList();
    }
}
