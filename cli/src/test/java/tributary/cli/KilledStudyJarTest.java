package tributary.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A study that is really killed, against one that nobody touched.
class KilledStudyJarTest {
    private static final int KILLS = 3;

    @TempDir
    Path folder;

    @Test
    void killedAtRandomMomentsItEndsWithTheSameResults() throws Exception {
        Path file = Files.writeString(folder.resolve("study.yaml"), """
                data: %s
                tokenizer: char
                sizes: [{layers: 1, width: 16, heads: 2}, {layers: 2, width: 16, heads: 2}]
                tokens-per-parameter: 4
                batch-tokens: 64
                settings: {context: 16}
                grids:
                  - {name: baseline, algorithm: data-parallel}
                  - {name: diloco, algorithm: diloco, replicas: [1, 2], local-steps: 10}
                """.formatted(Shell.text(folder)));
        long start = System.nanoTime();
        Shell untouched = Jar.run(folder, "untouched", "study", "run", file, "--store", folder.resolve("untouched"), "--quiet");
        long milliseconds = (System.nanoTime() - start) / 1_000_000;
        assertThat(untouched.exitCode()).as(untouched.err()).isZero();

        Path store = folder.resolve("killed");
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<String> history = new ArrayList<>(List.of("seed " + seed));
        for (int kill = 0; kill < KILLS; kill++) {
            Process process = Jar.start(folder, "killed", "study", "run", file, "--store", store, "--quiet");
            long moment = (long) (milliseconds * (0.15 + 0.6 * random.nextDouble()));
            boolean ended = process.waitFor(moment, TimeUnit.MILLISECONDS);
            process.destroyForcibly().waitFor();
            history.add((ended ? "ended before " : "killed after ") + moment + " ms");
        }
        Shell last = Jar.run(folder, "killed", "study", "run", file, "--store", store, "--quiet");
        assertThat(last.exitCode()).as(() -> history + last.err()).isZero();
        assertThat(history).as("at least one of the kills has to hit").anyMatch(line -> line.startsWith("killed"));
        assertThat(last.out().replace(store.toString(), "")).as(history.toString())
                .isEqualTo(untouched.out().replace(folder.resolve("untouched").toString(), ""));
        assertThat(results(store)).as(history.toString()).isEqualTo(results(folder.resolve("untouched")));
    }

    private static List<String> results(Path store) throws IOException {
        return Files.readAllLines(store.resolve("results.jsonl")).stream()
                .map(line -> line.replaceFirst("\"seconds\":[^,]*,", "")).sorted().toList();
    }
}
