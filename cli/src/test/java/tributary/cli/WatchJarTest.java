package tributary.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The page about a run, from a process of its own and from the run's.
class WatchJarTest {
    private static final Pattern ADDRESS = Pattern.compile("Watching \\S+ at (http://127\\.0\\.0\\.1:\\d+/)");

    @TempDir
    Path folder;

    /// Waits until a process has said where its page is.
    private URI address(Process process, String file) throws IOException, InterruptedException {
        while (true) {
            boolean alive = process.isAlive();
            String said = Files.readString(folder.resolve(file));
            Matcher address = ADDRESS.matcher(said);
            if (address.find()) {
                return URI.create(address.group(1));
            }
            assertThat(alive).as(said).isTrue();
            Thread.sleep(10);
        }
    }

    private static String get(URI address) throws IOException {
        try (var in = address.toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void watchServesThePageUntilItIsStopped() throws Exception {
        Path run = Files.createDirectories(folder.resolve("run"));
        Files.writeString(run.resolve("config.yaml"), "steps: 20\n");
        Files.writeString(run.resolve("metrics.jsonl"), "{\"step\":20,\"train_loss\":3.5}\n");
        Process process = Jar.start(folder, "watch", "watch", "run", "--port", 0);
        URI address = address(process, "watch.out");
        assertThat(get(address)).contains("watch.js");
        assertThat(get(address.resolve("echarts.js"))).contains("echarts");
        try (BufferedReader events = new BufferedReader(new InputStreamReader(
                address.resolve("events").toURL().openStream(), StandardCharsets.UTF_8))) {
            String line = events.readLine();
            while (!line.contains("\"finished\"")) {
                line = events.readLine();
            }
            process.destroy(); // SIGTERM: whoever runs tests in the background may have had SIGINT ignored
            Shell ended = Jar.finish(folder, "watch", process);
            assertThat(ended.exitCode()).isEqualTo(143);
            assertThat(ended.err()).isEmpty();
        }
    }

    @Test
    void aRunCanBeWatchedAndEndsAsItWould() throws Exception {
        Path text = Shell.text(folder);
        Process process = Jar.start(folder, "train", "train", "--data", text, "--out", "run", "--layers", 1, "--heads", 2, "--width", 16,
                "--context", 16, "--batch", 4, "--steps", 150, "--watch", "--quiet", "--json");
        URI address = address(process, "train.err");
        assertThat(get(address)).contains("watch.js");
        Shell ended = Jar.finish(folder, "train", process);
        assertThat(ended.exitCode()).as(ended.err()).isZero();
        assertThat(ended.json().get("steps").asInt()).isEqualTo(150);
        assertThat(ended.err().lines()).allMatch(line -> line.startsWith("Port 7007 is taken") || ADDRESS.matcher(line).matches());
    }
}
