package tributary.localsgd.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tributary.localsgd.run.Run;
import tributary.localsgd.run.RunConfig;
import tributary.localsgd.run.RunListener;
import tributary.localsgd.run.RunOptions;
import tributary.localsgd.run.StopSignal;

class DashboardTest {
    private static final int STEPS = 1_000;
    private static final Duration LOOKS = Duration.ofMillis(20);

    @TempDir
    Path temp;

    private Path folder;
    private Dashboard dashboard;

    @AfterEach
    void close() {
        dashboard.close();
    }

    /// A run of 1,000 steps that has logged some.
    private Path run(String name, int... steps) throws IOException {
        Path run = Files.createDirectories(temp.resolve(name));
        RunConfig.of(Map.of("steps", STEPS, "replicas", 2)).write(run.resolve("config.yaml"));
        write(run, lines(steps));
        return run;
    }

    private static String lines(int... steps) {
        return IntStream.of(steps).mapToObj(step -> line(step, step / 100.0)).collect(Collectors.joining());
    }

    private static String line(int step, double elapsed) {
        return String.format(Locale.ROOT, "{\"step\":%d,\"tokens\":%d,\"train_loss\":%s,\"replica_losses\":[%s,%s],\"lr\":0.001,"
                + "\"tokens_per_second\":100.0,\"rounds\":%d,\"communicated_bytes\":%d,\"elapsed_seconds\":%s}%n",
                step, 512 * step, 5.0 / step, 4.0 / step, 6.0 / step, step / 10, step * 100, elapsed);
    }

    private static void write(Path run, String text) throws IOException {
        Files.writeString(run.resolve("metrics.jsonl"), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private void open(Path watched) throws IOException {
        folder = watched;
        dashboard = Dashboard.open(watched, 0, LOOKS, Duration.ofSeconds(30));
    }

    @Test
    void tellsWhatTheRunHasDoneAndThenWhatItDoes() throws Exception {
        open(run("run", 10, 20, 30));
        try (Listening client = new Listening(dashboard)) {
            List<Listening.Heard> all = client.untilStep(30);
            assertThat(all.getFirst().name()).isEqualTo("begin");
            Listening.Heard state = all.getLast();
            assertThat(state.data().get("activity").asString()).isEqualTo("training");
            assertThat(state.data().get("seconds_left").asDouble()).isEqualTo(9.7, Offset.offset(1e-9));
            assertThat(state.id()).isEmpty();
            List<Listening.Heard> numbered = all.stream().filter(event -> !event.id().isEmpty()).toList();
            assertThat(numbered.stream().map(Listening.Heard::name)).containsExactly("run", "settings", "points");
            assertThat(numbered.get(0).data().get("name").asString()).isEqualTo("run");
            assertThat(numbered.get(1).data().get("settings").get("replicas").asString()).isEqualTo("2");
            assertThat(numbered.get(2).steps()).containsExactly(10, 20, 30);
            assertThat(numbered.get(2).data().get("lines").get(1).get("replica_losses").get(0).asDouble()).isEqualTo(0.2);

            write(folder, lines(40));
            write(folder, lines(STEPS));
            List<Listening.Heard> rest = client.untilStep(STEPS);
            assertThat(rest.stream().flatMap(event -> event.steps().stream())).containsExactly(40, STEPS);
            assertThat(rest.getLast().data().get("activity").asString()).isEqualTo("finished");
            assertThat(rest.getLast().data().has("seconds_left")).isFalse();
        }
    }

    @Test
    void numbersItsEventsAndGoesOnAfterTheLastOneAClientHas() throws Exception {
        open(run("run", 10, 20));
        String id;
        try (Listening client = new Listening(dashboard)) {
            List<String> ids = client.numberedUntilStep(20).stream().map(Listening.Heard::id).toList();
            String log = ids.getFirst().replaceFirst("-1$", "");
            assertThat(ids).containsExactly(log + "-1", log + "-2", log + "-3");
            id = ids.getLast();
        }
        write(folder, lines(30));
        try (Listening again = new Listening(dashboard, Optional.of(id))) {
            List<Listening.Heard> rest = again.untilStep(30);
            assertThat(rest).noneMatch(event -> event.is("begin") || event.is("run"));
            assertThat(rest.stream().flatMap(event -> event.steps().stream())).containsExactly(30);
        }
    }

    @ParameterizedTest
    @CsvSource({"ffffffff-3", "nonsense", "-1", "'%s-4000'", "'%s-99999999999'"})
    void aClientOfAnotherServerBeginsAnew(String id) throws Exception {
        open(run("run", 10, 20));
        String log;
        try (Listening client = new Listening(dashboard)) {
            log = client.numberedUntilStep(20).getFirst().id().replaceFirst("-1$", "");
        }
        try (Listening again = new Listening(dashboard, Optional.of(id.formatted(log)))) {
            assertThat(again.next().name()).isEqualTo("begin");
            assertThat(again.numberedUntilStep(20).stream().map(Listening.Heard::name)).containsExactly("run", "settings", "points");
        }
    }

    @Test
    void twoClientsHearTheSame() throws Exception {
        open(run("run", 10));
        try (Listening first = new Listening(dashboard); Listening second = new Listening(dashboard)) {
            first.untilStep(10);
            second.untilStep(10);
            write(folder, lines(20, 30));
            assertThat(first.numberedUntilStep(30)).isNotEmpty().isEqualTo(second.numberedUntilStep(30));
        }
    }

    @Test
    void halfALineIsNotTold() throws Exception {
        open(run("run", 10));
        try (Listening client = new Listening(dashboard)) {
            client.untilStep(10);
            String line = lines(20);
            write(folder, line.substring(0, 25));
            Thread.sleep(200); // it looks several times meanwhile
            write(folder, line.substring(25));
            List<Listening.Heard> rest = client.untilStep(20);
            assertThat(rest.getLast().data().has("unreadable_lines")).isFalse();
            assertThat(rest.getLast().data().get("line").get("train_loss").asDouble()).isEqualTo(0.25);
        }
    }

    @Test
    void aLineThatIsNoneIsCountedAndPassedOver() throws Exception {
        open(run("run", 10));
        write(folder, "}{\n[]\n\n" + lines(20));
        try (Listening client = new Listening(dashboard)) {
            assertThat(client.untilStep(20).getLast().data().get("unreadable_lines").asInt()).isEqualTo(3);
        }
    }

    @Test
    void aRunResumedFromAnEarlierCheckpointIsRewound() throws Exception {
        open(run("run", 10, 20, 30));
        try (Listening client = new Listening(dashboard)) {
            client.untilStep(30);
            Files.writeString(folder.resolve("metrics.jsonl"), lines(10) + line(20, 7) + line(30, 8) + line(40, 9));
            List<Listening.Heard> rest = client.numberedUntilStep(40);
            assertThat(rest.getFirst().name()).isEqualTo("rewind");
            assertThat(rest.getFirst().data().get("step").asInt()).isEqualTo(10);
            assertThat(rest.get(1).steps()).containsExactly(20, 30, 40);
        }
    }

    @Test
    void aRunThatHasLongBeenSilentIsSaidToBe() throws Exception {
        open(run("run", 10, 20));
        Files.setLastModifiedTime(folder.resolve("metrics.jsonl"), FileTime.from(Instant.now().minusSeconds(300)));
        try (Listening client = new Listening(dashboard)) {
            List<Listening.Heard> heard = client.until(event -> event.data().path("activity").asString("").equals("quiet"));
            assertThat(heard.getLast().data().has("seconds_left")).isFalse();
        }
    }

    @Test
    void manyStepsAreThinnedOutButForEvaluations() throws Exception {
        Path run = run("long");
        RunConfig.of(Map.of("steps", 150_000)).write(run.resolve("config.yaml"));
        String evaluated = line(1_234, 1).replace("\"lr\"", "\"val_loss\":1.5,\"lr\"");
        write(run, lines(IntStream.rangeClosed(1, 1_233).toArray()) + evaluated + lines(IntStream.rangeClosed(1_235, 2_000).toArray()));
        open(run);
        try (Listening client = new Listening(dashboard)) {
            List<Integer> steps = client.untilStep(2_000).stream().flatMap(event -> event.steps().stream()).toList();
            assertThat(steps).hasSize(22).contains(1, 100, 200, 1_234, 2_000).isSorted();
        }
    }

    @Test
    void aFolderOfRunsIsWatchedAsAWhole() throws Exception {
        run("runs/b", 10);
        open(temp.resolve("runs"));
        try (Listening client = new Listening(dashboard)) {
            client.untilStep(10);
            run("runs/sizes/a", 20);
            List<Listening.Heard> rest = client.untilStep(20);
            assertThat(rest.stream().filter(event -> event.is("run")).findFirst().orElseThrow().data().get("name").asString())
                    .isEqualTo(Path.of("sizes", "a").toString());
            assertThat(rest.getLast().data().get("run").asInt()).isEqualTo(1);
        }
    }

    @Test
    void aClientThatNeverReadsHoldsNobodyUpAndIsDropped() throws Exception {
        Path run = run("run");
        String evaluated = lines(10).replace("\"lr\"", "\"val_loss\":1.5,\"lr\"");
        write(run, evaluated.repeat(40_000) + lines(20)); // far more than the system keeps for a socket
        folder = run;
        dashboard = Dashboard.open(run, 0, LOOKS, Duration.ofMillis(300));
        try (Socket stalled = new Socket(); Listening client = new Listening(dashboard)) {
            stalled.setReceiveBufferSize(1024);
            stalled.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), dashboard.port()));
            stalled.getOutputStream().write("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            client.untilStep(20);
            write(run, lines(30));
            client.untilStep(30);
            Thread.sleep(600); // it looks for such clients again and again
            long received = drain(stalled.getInputStream());
            assertThat(received).isLessThan(evaluated.length() * 40_000L);
        }
    }

    private static long drain(InputStream in) {
        byte[] buffer = new byte[1 << 16];
        long received = 0;
        try {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                received += n;
            }
        } catch (IOException e) {
            // reset: it was dropped
        }
        return received;
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /events, evil.example, none, 403", "GET, /, evil.example:%d, none, 403", "GET, /, 127.0.0.1.evil.example, none, 403",
        "GET, /, '', none, 403", "GET, /events, localhost:%d, cross-site, 403", "GET, /events, localhost:%d, same-site, 403",
        "GET, /, 127.0.0.1:%d, cross-site, 200", "GET, /, LocalHost:%d, none, 200", "GET, /, [::1]:%d, none, 200",
        "POST, /events, localhost, none, 405", "GET, /../etc/passwd, localhost, none, 404",
        "GET, /eventsx, localhost, none, 404", "GET, /events/x, localhost, none, 404"})
    void answersOnlyItsOwnPage(String method, String path, String host, String site, int status) throws Exception {
        open(run("run", 10));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), dashboard.port())) {
            socket.getOutputStream().write((method + " " + path + " HTTP/1.1\r\nHost: " + host.formatted(dashboard.port())
                    + "\r\nSec-Fetch-Site: " + site + "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.UTF_8));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 " + status + " ").contains("default-src 'none'").doesNotContain("Access-Control");
        }
    }

    @Test
    void takesAnotherPortWhereItsOwnIsTaken() throws Exception {
        open(run("run", 10));
        try (Dashboard second = Dashboard.open(folder, dashboard.port()); Listening client = new Listening(second)) {
            assertThat(second.port()).isNotEqualTo(dashboard.port());
            client.untilStep(10);
        }
        assertThatThrownBy(() -> Dashboard.open(folder, 65_536)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("between 0 and 65535");
    }

    @Test
    void aRunInThisProcessIsWatchedToItsEnd() throws Exception {
        Path data = Files.writeString(temp.resolve("text.txt"), "the river takes the stream ".repeat(300));
        open(temp.resolve("later"));
        RunConfig config = RunConfig.of(Map.of("data", data, "layers", 1, "heads", 2, "width", 8, "context", 8, "batch", 4, "steps", 30,
                "warmup", 3, "local-steps", 4));
        try (Listening client = new Listening(dashboard)) {
            Run.train(config, new RunOptions(folder, false, 1, 100, false, new StopSignal()), new RunListener() {});
            long start = System.nanoTime();
            dashboard.close();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
            List<Listening.Heard> all = client.until(event -> event.is("end"));
            assertThat(all).anySatisfy(event -> assertThat(event.data().path("settings").path("local-steps").asString("")).isEqualTo("4"));
            assertThat(all.stream().flatMap(event -> event.steps().stream())).contains(10, 20, 30);
            assertThat(all.get(all.size() - 2).data().get("activity").asString()).isEqualTo("finished");
        }
    }
}
