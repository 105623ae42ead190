package tributary.localsgd.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A run is what its configuration says, however often it is stopped, broken and resumed.
class RunTest {
    private static final int STEPS = 23;

    @TempDir
    Path temp;

    private Path data;

    @BeforeEach
    void writeData() throws IOException {
        StringBuilder text = new StringBuilder();
        Random random = new Random(5);
        for (int line = 0; line < 200; line++) {
            text.append("the river ").append(random.nextInt(9)).append(" takes the stream ").append(random.nextInt(9)).append(".\n");
        }
        data = temp.resolve("rivers.txt");
        Files.writeString(data, text);
    }

    private RunConfig config(Object... changes) {
        Map<String, Object> settings = new HashMap<>(Map.of(
                "data", data.toString(), "layers", 1, "heads", 2, "width", 8, "context", 8, "batch", 4,
                "steps", STEPS, "warmup", 3, "eval-every", 7));
        if (!List.of(changes).contains("algorithm")) {
            settings.put("local-steps", 4);
        }
        for (int i = 0; i < changes.length; i += 2) {
            settings.put((String) changes[i], changes[i + 1]);
        }
        return RunConfig.of(settings);
    }

    private RunOptions options(String out, boolean resume, int threads) {
        return new RunOptions(temp.resolve(out), resume, threads, 5, false, new StopSignal());
    }

    private byte[] finalModel(String out) throws IOException {
        return Files.readAllBytes(Run.modelFolder(temp.resolve(out)).resolve("model.safetensors"));
    }

    private byte[] finalBuffers(String out) throws IOException {
        return Files.readAllBytes(Run.modelFolder(temp.resolve(out)).resolve("training.safetensors"));
    }

    /// Without the lines that are there because a second had passed.
    private List<String> losses(String out) throws IOException {
        return Files.readAllLines(temp.resolve(out).resolve("metrics.jsonl")).stream()
                .filter(line -> line.matches("\\{\"step\":\\d*0,.*") || line.contains("val_loss"))
                .map(line -> line.replaceAll("\"(tokens_per_second|elapsed_seconds)\":[^,}]*", ""))
                .toList();
    }

    /// Stops the run as soon as step `at` has been reported.
    private void stopAt(RunConfig config, String out, boolean resume, int threads, int at) {
        RunOptions options = new RunOptions(temp.resolve(out), resume, threads, 1000, false, new StopSignal());
        assertThatThrownBy(() -> Run.train(config, options, new RunListener() {
            @Override
            public void step(StepMetrics metrics) {
                if (metrics.step() >= at) {
                    options.stop().request();
                }
            }
        })).isInstanceOf(RunStopped.class).hasMessageContaining("--resume");
    }

    @Test
    void aSettingTheAlgorithmWouldIgnoreIsRefusedAlsoInAConfigurationMadeByHand() throws Exception {
        RunConfig config = config("algorithm", "local-sgd");
        RecordComponent[] components = RunConfig.class.getRecordComponents();
        Object[] values = new Object[components.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = components[i].getName().equals("outerLr") ? 0.7 : components[i].getAccessor().invoke(config);
        }
        Class<?>[] types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        RunConfig byHand = RunConfig.class.getDeclaredConstructor(types).newInstance(values);
        assertThatThrownBy(() -> Run.train(byHand, options("run", false, 2), SILENT))
                .isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("outer-lr 0.7 has no use in local-sgd");
    }

    private Path cluster(String exchange) throws IOException {
        return cluster(exchange, "");
    }

    /// @param failures lines of the file
    private Path cluster(String exchange, String failures) throws IOException {
        Path file = temp.resolve("cluster-" + exchange + ".yaml");
        Files.writeString(file, failures + """
                step-seconds: 0.5
                exchange: %s
                sites:
                  - {name: oslo, link: {up: 1e6, down: 1e6, latency: 0.1, jitter: 0.1}, workers: [{}, {speed: {mean: 1, deviation: 0.3}}]}
                """.formatted(exchange));
        return file;
    }

    /// Training on a virtual cluster ends with the bits of training without one, in a virtual time that the formulas give.
    @Test
    void aVirtualClusterAddsTimeAndChangesNothingElse() throws Exception {
        Run.train(config("replicas", 2), options("plain", false, 2), SILENT);
        RunSummary summary = Run.train(config("replicas", 2, "cluster", cluster("server")), options("virtual", false, 2), SILENT);
        assertThat(finalBuffers("virtual")).isEqualTo(finalBuffers("plain"));
        assertThat(finalModel("virtual")).isEqualTo(finalModel("plain"));
        assertThat(summary.workers()).hasSize(2);
        assertThat(summary.workers().getFirst().compute()).isEqualTo(STEPS * 0.5);
        double rounds = Math.ceil(STEPS / 4.0);
        double transfer = rounds * 2 * 4 * summary.parameters() * 8 / 5e5; // up and down, half of the site's link each
        assertThat(summary.workers().getFirst().transfer()).isBetween(transfer + rounds * 2 * 0.1, transfer + rounds * 2 * 0.2);
        assertThat(losses("plain")).isEqualTo(losses("virtual").stream().map(line -> line.replaceAll(",\"virtual_seconds\":[^,}]*", ""))
                .toList());
        assertThat(losses("virtual")).allMatch(line -> line.contains("virtual_seconds"));
        assertThat(losses("virtual").getLast()).contains("\"virtual_seconds\":" + summary.workers().getFirst().all());
    }

    /// Both take longer than the steps they overlap with, so that everyone waits; with less to send it waits less.
    @ParameterizedTest
    @ValueSource(strings = {"fp32", "fp4"})
    void overlappedExchangesHideTimeAndChangeNothingElse(String codec) throws Exception {
        Path file = cluster("server");
        Object[] settings = {"algorithm", "streaming-diloco", "layers", 2, "local-steps", 8, "overlap", 3, "codec", codec};
        Run.train(config(settings), options("plain", false, 2), SILENT);
        RunConfig config = config(Stream.concat(Arrays.stream(settings), Stream.of("cluster", file)).toArray());
        RunSummary whole = Run.train(config, options("whole", false, 2), SILENT);
        assertThat(finalModel("whole")).isEqualTo(finalModel("plain"));
        double exchanged = Run.train(config(Stream.concat(Arrays.stream(settings), Stream.of("cluster", file, "overlap", 0)).toArray()),
                options("at-once", false, 2), SILENT).workers().getFirst().all();
        assertThat(whole.workers().getFirst().all()).isBetween(STEPS * 0.5, exchanged - 0.2);
        stopAt(config, "parts", false, 2, 5);
        stopAt(config, "parts", true, 2, 13);
        RunSummary parts = Run.train(config, options("parts", true, 1), SILENT);
        assertThat(parts.workers()).isEqualTo(whole.workers());
        assertThat(losses("parts").getLast()).isEqualTo(losses("whole").getLast());
    }

    /// On a cluster whose messages take no time, replicas arrive as their step times say; else when the formulas say.
    @Test
    void asynchronousReplicasArriveWhenTheClusterSays() throws Exception {
        Object[] settings = {"algorithm", "async-local-sgd", "replicas", 2, "local-steps", 3, "outer-momentum", 0.5};
        RunConfig plain = config(Stream.concat(Arrays.stream(settings), Stream.of("step-times", "1,2")).toArray());
        Run.train(plain, options("plain", false, 2), SILENT);
        Path ideal = temp.resolve("ideal.yaml");
        Files.writeString(ideal, "{step-seconds: 1, sites: [{workers: [{}, {speed: 0.5}]}]}");
        Run.train(config(Stream.concat(Arrays.stream(settings), Stream.of("cluster", ideal)).toArray()), options("ideal", false, 2),
                SILENT);
        assertThat(finalModel("ideal")).isEqualTo(finalModel("plain"));
        assertThat(finalBuffers("ideal")).isEqualTo(finalBuffers("plain"));

        Path file = temp.resolve("slow.yaml");
        Files.writeString(file, """
                step-seconds: 1
                sites: [{name: a, link: {up: 1e6, down: 1e6, latency: 0.3, jitter: 0.2}, workers: [{}, {speed: {mean: 0.7, deviation: 0.3}}]}]
                failures: [{worker: a/0, crash: 4, repair: 6}]
                """);
        RunConfig config = config(Stream.concat(Arrays.stream(settings), Stream.of("cluster", file)).toArray());
        RunSummary whole = Run.train(config, options("whole", false, 2), SILENT);
        assertThat(whole.workers().getFirst().failures()).isEqualTo(1);
        assertThat(whole.workers().getFirst().down()).isEqualTo(6);
        double transfer = 4 * whole.parameters() * 8 / 1e6 + 0.3; // alone on the site's link, one way
        double meetings = whole.workers().getFirst().transfer() / 2;
        assertThat(meetings / transfer).as("meetings").isBetween(4.0, 12.0);
        assertThat(whole.communicatedBytes() % (2 * 4 * whole.parameters())).isZero();
        stopAt(config, "parts", false, 2, 5);
        stopAt(config, "parts", true, 2, 13);
        RunSummary parts = Run.train(config, options("parts", true, 1), SILENT);
        assertThat(finalModel("parts")).isEqualTo(finalModel("whole"));
        assertThat(parts.workers()).isEqualTo(whole.workers());
        assertThat(losses("parts")).isEqualTo(losses("whole"));
    }

    /// The same of merges that wait for a quorum; on slow lines messages are underway while workers compute.
    @Test
    void mergesWaitForTheQuorumThatTheClusterHas() throws Exception {
        Object[] settings = {"algorithm", "decoupled-diloco", "replicas", 2, "local-steps", 3, "quorum", 1, "grace", 0.3};
        Run.train(config(Stream.concat(Arrays.stream(settings), Stream.of("step-times", "1,2")).toArray()), options("plain", false, 2),
                SILENT);
        Path ideal = temp.resolve("ideal.yaml");
        Files.writeString(ideal, "{step-seconds: 1, sites: [{workers: [{}, {speed: 0.5}]}]}");
        Run.train(config(Stream.concat(Arrays.stream(settings), Stream.of("cluster", ideal)).toArray()), options("ideal", false, 2),
                SILENT);
        assertThat(finalModel("ideal")).isEqualTo(finalModel("plain"));

        Path file = temp.resolve("slow.yaml");
        Files.writeString(file, """
                step-seconds: 1
                sites: [{name: a, link: {up: 3e5, down: 6e5, latency: 0.3, jitter: 0.2}, workers: [{}, {speed: {mean: 0.7, deviation: 0.3}}]}]
                failures: [{worker: a/0, crash: 4, repair: 6}, {worker: a/1, partition: 9, for: 2}]
                """);
        RunConfig config = config(Stream.concat(Arrays.stream(settings), Stream.of("cluster", file, "codec", "int8+ef")).toArray());
        RunSummary whole = Run.train(config, options("whole", false, 2), SILENT);
        assertThat(whole.workers().getFirst().down()).isEqualTo(6);
        assertThat(whole.workers()).allMatch(worker -> worker.underway() > 1 && worker.transfer() == 0);
        for (int at = 3; at < STEPS; at += 5) {
            stopAt(config, "parts", at > 3, 2, at);
        }
        RunSummary parts = Run.train(config, options("parts", true, 1), SILENT);
        assertThat(finalModel("parts")).isEqualTo(finalModel("whole"));
        assertThat(finalBuffers("parts")).isEqualTo(finalBuffers("whole"));
        assertThat(parts.workers()).isEqualTo(whole.workers());
        assertThat(parts.communicatedBytes()).isEqualTo(whole.communicatedBytes());
        assertThat(losses("parts")).isEqualTo(losses("whole"));
        assertThat(temp.resolve("parts/timeline.json")).hasSameTextualContentAs(temp.resolve("whole/timeline.json"));
    }

    /// Local SGD ends a round with the mean of those that are present.
    @Test
    void theMeanThatIsEvaluatedIsOfThoseThatArePresent() throws Exception {
        Path file = cluster("server", "on-failure: drop\nfailures: [{mtbf: 5, repair: 3}]\n");
        Run.train(config("algorithm", "local-sgd", "local-steps", 4, "cluster", file), options("outer", false, 2), SILENT);
        RunSummary mean = Run.train(config("algorithm", "local-sgd", "local-steps", 4, "cluster", file, "evaluate", "mean"),
                options("mean", false, 2), SILENT);
        assertThat(mean.workers()).anyMatch(worker -> worker.failures() > 0);
        for (int step : new int[] {8, 16, STEPS}) {
            assertThat(valLoss("mean", step)).isCloseTo(valLoss("outer", step), within(1e-9));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"async-local-sgd", "decoupled-diloco"})
    void whatHasNoUseWhereNobodyWaitsIsRefused(String algorithm) throws IOException {
        Path dropping = cluster("server", "on-failure: drop\n");
        refuses("on-failure drop has no use in " + algorithm + ": there is no round", "algorithm", algorithm, "cluster", dropping);
        Path leaving = cluster("server", "failures: [{worker: oslo/1, leave: 3}]\n");
        refuses("worker oslo/1 leaves for good, and in " + algorithm, "algorithm", algorithm, "cluster", leaving);
        refuses("step-times 1,2 have no use on a virtual cluster", "algorithm", algorithm, "step-times", "1,2", "cluster",
                cluster("server"));
    }

    @Test
    void whoWouldNoLongerBeEqualInsideAClusterIsNotDropped() throws IOException {
        refuses("cluster-mean gradients on a cluster that drops", "algorithm", "multi-cluster", "cluster-mean", "gradients",
                "cluster-steps", 1, "cluster", cluster("server", "on-failure: drop\n"));
    }

    private void refuses(String message, Object... settings) {
        RunConfig config = config(Stream.concat(Stream.of("replicas", 2), Arrays.stream(settings)).toArray());
        assertThatThrownBy(() -> Run.train(config, options("run", false, 2), SILENT)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aModelThatDoesNotFitAWorkerIsRefusedWithTheFigures() throws IOException {
        Path file = temp.resolve("small.yaml");
        Files.writeString(file, "{step-seconds: 1, sites: [{name: attic, workers: [{memory: 1e9}, {memory: 2e4}]}]}");
        assertThatThrownBy(() -> Run.train(config("cluster", file), options("run", false, 2), SILENT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("worker attic/1 has 0.0200 MB of memory, a replica needs").hasMessageContaining("gradients");
    }

    /// Algorithms whose exchanges differ: several in a round, parts of the parameters, encoded messages, steps without a gradient.
    @ParameterizedTest
    @ValueSource(strings = {"data-parallel", "streaming-diloco", "sparseloco", "demo", "palsgd", "sparta", "scaffold", "noloco",
        "multi-cluster"})
    void everyAlgorithmInRoundsRunsOnACluster(String algorithm) throws Exception {
        Object[] settings = algorithm.equals("streaming-diloco")
                ? new Object[] {"algorithm", algorithm, "cluster", cluster("server"), "overlap", 2, "fragments", 1}
                : new Object[] {"algorithm", algorithm, "cluster", cluster("server"), "replicas", 2};
        Object[] plain = settings.clone();
        plain[2] = "seed";
        plain[3] = 1;
        RunSummary summary = Run.train(config(settings), options("virtual", false, 2), SILENT);
        RunSummary without = Run.train(config(plain), options("plain", false, 2), SILENT);
        assertThat(finalModel("virtual")).isEqualTo(finalModel("plain"));
        assertThat(summary.communicatedBytes()).isEqualTo(without.communicatedBytes());
        assertThat(summary.workers().getFirst().compute()).isBetween(1.0, STEPS * 0.5);
        assertThat(summary.workers().getFirst().all()).isEqualTo(summary.workers().getLast().all());
    }

    @Test
    void aClusterNeedsOneWorkerForEachReplica() throws IOException {
        RunConfig config = config("replicas", 4, "cluster", cluster("server"));
        assertThatThrownBy(() -> Run.train(config, options("run", false, 2), SILENT))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("2 workers, the run 4 replicas");
        assertThat(temp.resolve("run/config.yaml")).doesNotExist();
    }

    @Test
    void failuresThatAreWaitedForCostTimeAndChangeNothingElse() throws Exception {
        Run.train(config("replicas", 2), options("plain", false, 2), SILENT);
        Path file = cluster("server", "failures: [{mtbf: 6, repair: 1}, {worker: oslo/0, slow: 0, for: 1000, factor: 0.5}]\n");
        RunSummary summary = Run.train(config("replicas", 2, "cluster", file), options("failing", false, 2), SILENT);
        assertThat(finalBuffers("failing")).isEqualTo(finalBuffers("plain"));
        assertThat(finalModel("failing")).isEqualTo(finalModel("plain"));
        assertThat(summary.workers()).allMatch(worker -> worker.failures() > 0 && worker.lost() > 0 && worker.down() > 0);
        assertThat(summary.workers().getFirst().compute()).isEqualTo(STEPS * 0.5 / 0.5);
    }

    /// Who is dropped changes the numbers, on any number of threads to the same.
    @ParameterizedTest
    @ValueSource(strings = {"diloco", "data-parallel", "streaming-diloco", "sparseloco", "demo", "palsgd", "sparta", "scaffold", "noloco",
        "multi-cluster", "post-local-sgd"})
    void aRunThatDropsFailingWorkersGoesOnToTheSameBits(String algorithm) throws Exception {
        Path file = cluster("server", "on-failure: drop\nfailures: [{mtbf: 5, repair: 3}]\n");
        Object[] own = switch (algorithm) {
            case "streaming-diloco" -> new Object[] {"overlap", 1, "fragments", 1, "local-steps", 4};
            case "sparseloco", "palsgd", "scaffold", "noloco", "multi-cluster" -> new Object[] {"local-steps", 4};
            case "post-local-sgd" -> new Object[] {"local-steps", 4, "data-parallel-steps", 12};
            default -> new Object[0];
        };
        RunConfig config = config(
                Stream.concat(Stream.of("algorithm", algorithm, "cluster", file, "replicas", 2), Arrays.stream(own)).toArray());
        RunSummary whole = Run.train(config, options("whole", false, 2), SILENT);
        stopAt(config, "parts", false, 2, 6);
        stopAt(config, "parts", true, 2, 14);
        RunSummary parts = Run.train(config, options("parts", true, 1), SILENT);
        assertThat(finalModel("parts")).isEqualTo(finalModel("whole"));
        assertThat(finalBuffers("parts")).isEqualTo(finalBuffers("whole"));
        assertThat(parts.workers()).isEqualTo(whole.workers()).anyMatch(worker -> worker.failures() > 0);
        assertThat(losses("parts")).isEqualTo(losses("whole"));
        assertThat(temp.resolve("parts/timeline.json")).hasSameTextualContentAs(temp.resolve("whole/timeline.json"));
    }

    /// Also where its file has gone meanwhile.
    @ParameterizedTest
    @ValueSource(strings = {"server", "ring"})
    void virtualTimeGoesOnWhereItStopped(String exchange) throws Exception {
        Path file = cluster(exchange, "failures: [{mtbf: 6, repair: 1}]\n");
        RunConfig config = config("replicas", 2, "cluster", file);
        RunSummary whole = Run.train(config, options("whole", false, 2), SILENT);
        stopAt(config, "parts", false, 2, 6);
        Files.delete(file);
        RunSummary parts = Run.train(config, options("parts", true, 1), SILENT);
        assertThat(parts.workers()).isEqualTo(whole.workers());
        assertThat(parts.communicatedBytes()).isEqualTo(whole.communicatedBytes());
        assertThat(losses("parts").getLast()).isEqualTo(losses("whole").getLast());
        assertThat(temp.resolve("parts/timeline.json")).hasSameTextualContentAs(temp.resolve("whole/timeline.json"));
        assertThat(temp.resolve("parts/timeline.svg")).exists();
    }

    private static final RunListener SILENT = new RunListener() {};

    static Stream<Map<String, Object>> runs() {
        Stream<Map<String, Object>> standard = Arrays.stream(AlgorithmName.values())
                .map(algorithm -> algorithm.uses(Setting.named("local-steps").orElseThrow())
                        ? Map.of("algorithm", Setting.label(algorithm), "replicas", 2, "layers", 2, "local-steps", 4)
                        : Map.of("algorithm", Setting.label(algorithm), "replicas", 2, "layers", 2));
        return Stream.concat(standard, Stream.of(
                Map.of("algorithm", "diloco", "replicas", 1),
                Map.of("algorithm", "diloco", "local-steps", 4, "data-parallel-steps", 6, "codec", "int4+ef", "replicas", 4),
                Map.of("algorithm", "data-parallel", "replicas", 1),
                Map.of("algorithm", "post-local-sgd", "data-parallel-steps", 9, "local-steps", 3),
                Map.of("algorithm", "local-sgd", "local-steps", 2, "qsr-alpha", 0.005),
                Map.of("algorithm", "streaming-diloco", "layers", 2, "local-steps", 6, "overlap", 4, "codec", "fp4+ef"),
                Map.of("algorithm", "streaming-diloco", "layers", 2, "local-steps", 6, "fragment-offset", 0, "overlap", 2),
                Map.of("algorithm", "async-local-sgd", "local-steps", 4, "step-times", "0.58,1.3", "dynamic-steps", true,
                        "inner-state", "reset"),
                Map.of("algorithm", "async-local-sgd", "replicas", 4, "local-steps", 3, "step-times", "1,0.3,2,1", "codec", "int8+ef"),
                Map.of("algorithm", "decoupled-diloco", "replicas", 4, "local-steps", 3, "step-times", "1,0.7,2,1.1", "quorum", 2,
                        "grace", 0.4),
                Map.of("algorithm", "sparseloco", "local-steps", 4, "replicas", 4, "sparse-mean", "senders"),
                Map.of("algorithm", "diloco", "outer-optimizer", "adam", "outer-schedule", "cosine", "inner-state", "reset"),
                Map.of("algorithm", "diloco", "outer-optimizer", "schedule-free", "inner-optimizer", "nesterov"),
                Map.of("algorithm", "streaming-diloco", "layers", 2, "local-steps", 4, "outer-optimizer", "adam"),
                Map.of("algorithm", "palsgd", "local-steps", 5, "pull-probability", 0.5, "data-parallel-steps", 4),
                Map.of("algorithm", "multi-cluster", "replicas", 4, "local-steps", 6, "cluster-steps", 3, "outer-optimizer", "adam"),
                Map.of("algorithm", "multi-cluster", "replicas", 4, "local-steps", 3, "cluster-steps", 1, "cluster-mean", "gradients"),
                Map.of("algorithm", "noloco", "local-steps", 3, "replicas", 4),
                Map.of("algorithm", "scaffold", "local-steps", 4, "replicas", 4),
                Map.of("algorithm", "diloco", "local-steps", 4, "replicas", 4, "quorum", 2, "codec", "int8+ef"),
                Map.of("algorithm", "sparta", "replicas", 2, "quorum", 1)));
    }

    @ParameterizedTest
    @MethodSource("runs")
    void stoppedAnywhereAndResumedItEndsWithTheSameBits(Map<String, Object> changes) throws Exception {
        RunConfig config = longer(changes);
        RunSummary whole = Run.train(config, new RunOptions(temp.resolve("whole"), false, 2, 1000, false, new StopSignal()), SILENT);
        stopAt(config, "parts", false, 2, 3);
        stopAt(config, "parts", true, 1, 9);
        stopAt(config, "parts", true, 2, 17);
        RunSummary resumed = Run.train(config, options("parts", true, 2), SILENT);
        requireSame(resumed, whole);
    }

    /// A replica may be a whole round ahead of the step that asks for a stop: there is room for three of them.
    private RunConfig longer(Map<String, Object> changes) {
        return config(Stream.concat(Stream.of("steps", 43), changes.entrySet().stream()
                .flatMap(change -> Stream.of(change.getKey(), change.getValue()))).toArray());
    }

    /// That the run in `parts` ended as the one in `whole` did.
    private void requireSame(RunSummary parts, RunSummary whole) throws IOException {
        assertThat(finalModel("parts")).isEqualTo(finalModel("whole"));
        assertThat(losses("parts")).isEqualTo(losses("whole"));
        assertThat(finalBuffers("parts")).isEqualTo(finalBuffers("whole"));
        assertThat(parts.valLoss()).isEqualTo(whole.valLoss());
        assertThat(parts.trainLoss()).isEqualTo(whole.trainLoss());
        assertThat(parts.communicatedBytes()).isEqualTo(whole.communicatedBytes());
    }

    /// Where a round may be rolled back, an evaluation is finished first.
    @ParameterizedTest
    @MethodSource("runs")
    void stoppedInAnEvaluationItRepeatsItAndEndsWithTheSameBits(Map<String, Object> changes) throws Exception {
        RunConfig config = longer(changes);
        RunSummary whole = Run.train(config, new RunOptions(temp.resolve("whole"), false, 2, 1000, false, new StopSignal()), SILENT);
        boolean guarded = changes.containsKey("quorum");
        long evaluations = evaluations("whole");
        assertThat(evaluations).isGreaterThan(3);

        long before = stoppedInEvaluation(config, false, 2);
        assertThat(before).isEqualTo(guarded ? 2 : 1);
        before += stoppedInEvaluation(config, true, guarded ? 1 : 2); // what was given up counts as the first
        assertThat(before).isEqualTo(guarded ? 3 : 2);
        RunOptions last = options("parts", true, 2);
        int left = (int) (evaluations - before);
        RunListener stopping = stoppingInEvaluation(last.stop(), left);
        if (guarded) {
            Run.train(config, last, stopping);
        } else {
            assertThatThrownBy(() -> Run.train(config, last, stopping)).isInstanceOf(RunStopped.class)
                    .hasMessageContaining("step-00000043");
            assertThat(losses("parts").getLast()).doesNotContain("\"step\":43");
        }
        RunSummary resumed = Run.train(config, options("parts", true, 1), SILENT);
        requireSame(resumed, whole);
    }

    /// @return evaluations that ended, of this session
    private long stoppedInEvaluation(RunConfig config, boolean resume, int evaluation) throws IOException {
        long before = resume ? evaluations("parts") : 0;
        RunOptions options = options("parts", resume, 2);
        assertThatThrownBy(() -> Run.train(config, options, stoppingInEvaluation(options.stop(), evaluation)))
                .isInstanceOf(RunStopped.class);
        return evaluations("parts") - before;
    }

    private long evaluations(String out) throws IOException {
        return losses(out).stream().filter(line -> line.contains("val_loss")).count();
    }

    private static RunListener stoppingInEvaluation(StopSignal stop, int evaluation) {
        return new RunListener() {
            private int seen;

            @Override
            public void evaluating(int begun, int batches) {
                assertThat(begun).isBetween(0, batches - 1);
                seen += begun == 0 ? 1 : 0;
                if (seen == evaluation && begun == Math.min(2, batches - 1)) {
                    stop.request();
                }
            }
        };
    }

    private Path twoFiles() throws IOException {
        Path folder = Files.createDirectories(temp.resolve("two"));
        Files.writeString(folder.resolve("numbers.txt"), "1 and 2 is 3. ".repeat(60));
        Files.copy(data, folder.resolve("rivers.txt"), StandardCopyOption.REPLACE_EXISTING);
        return folder;
    }

    @Test
    void replicasMayHaveFilesOfTheirOwn() throws Exception {
        RunConfig own = config("data", twoFiles(), "shards", "by-file");
        Run.train(own, options("whole", false, 2), SILENT);
        stopAt(own, "parts", false, 2, 6);
        Run.train(own, options("parts", true, 1), SILENT);
        assertThat(finalModel("parts")).isEqualTo(finalModel("whole"));
        Run.train(config("data", twoFiles()), options("iid", false, 2), SILENT);
        assertThat(finalModel("iid")).isNotEqualTo(finalModel("whole"));
        assertThatThrownBy(() -> Run.train(config("data", twoFiles(), "shards", "by-folder"), options("folders", false, 2), SILENT))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("1 folders for 2 replicas");
        assertThat(temp.resolve("folders/config.yaml")).doesNotExist();
    }

    @Test
    void replicasMayHaveSourcesOfTheirOwn() throws Exception {
        String sources = twoFiles().resolve("numbers.txt") + "=1," + twoFiles().resolve("rivers.txt") + "=1";
        Run.train(config("data", sources, "shards", "by-source"), options("own", false, 2), SILENT);
        Run.train(config("data", sources), options("iid", false, 2), SILENT);
        assertThat(finalModel("iid")).isNotEqualTo(finalModel("own"));
        assertThatThrownBy(() -> Run.train(config("shards", "by-source"), options("one", false, 2), SILENT))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("there are 1 sources for 2 replicas");
    }

    private double valLoss(String out, int step) throws IOException {
        return Files.readAllLines(temp.resolve(out).resolve("metrics.jsonl")).stream().map(JsonMapper.shared()::readTree)
                .filter(line -> line.get("step").asInt() == step).findFirst().orElseThrow().get("val_loss").asDouble();
    }

    /// Local SGD ends a round with the mean; with one replica that is the first.
    @Test
    void evaluationOfTheMeanAndOfTheFirst() throws Exception {
        Run.train(config("algorithm", "local-sgd", "local-steps", 4), options("outer", false, 2), SILENT);
        RunConfig mean = config("algorithm", "local-sgd", "local-steps", 4, "evaluate", "mean");
        RunSummary ofMean = Run.train(mean, options("mean", false, 2), SILENT);
        Run.train(config("algorithm", "local-sgd", "local-steps", 4, "evaluate", "first"), options("first", false, 2), SILENT);
        for (int step : new int[] {8, 16, STEPS}) {
            assertThat(valLoss("mean", step)).isCloseTo(valLoss("outer", step), within(1e-9));
            assertThat(valLoss("first", step)).isNotCloseTo(valLoss("outer", step), within(1e-6));
        }
        assertThat(finalModel("first")).as("what is trained and kept").isEqualTo(finalModel("outer"));
        assertThat(Run.train(mean, options("mean", true, 2), SILENT).valLoss()).as("of a run that is over").isEqualTo(ofMean.valLoss());

        Run.train(config("evaluate", "mean"), options("diloco", false, 2), SILENT);
        Run.train(config(), options("diloco-outer", false, 2), SILENT);
        assertThat(valLoss("diloco", 8)).isNotCloseTo(valLoss("diloco-outer", 8), within(1e-6));

        Run.train(config("algorithm", "local-sgd", "replicas", 1), options("one", false, 1), SILENT);
        Run.train(config("algorithm", "local-sgd", "replicas", 1, "evaluate", "first"), options("one-first", false, 1), SILENT);
        assertThat(losses("one-first")).isEqualTo(losses("one"));
    }

    /// What a shorter run ends with is what a longer one has on its way.
    @Test
    void theAverageOfScheduleFreeSgdIsWhatIsEvaluatedOnTheWay() throws Exception {
        for (int steps : new int[] {8, 16}) {
            Run.train(config("steps", steps, "outer-optimizer", "schedule-free", "schedule", "constant", "warmup", 0),
                    options("steps" + steps, false, 2), SILENT);
        }
        assertThat(valLoss("steps16", 8)).isEqualTo(valLoss("steps8", 8));
    }

    /// On one thread it is the second replica that completes a step, and whose report fails.
    private static RunListener failingAtStep6(List<String> messages, Runnable afterStep14) {
        return new RunListener() {
            private boolean failed;

            @Override
            public void step(StepMetrics metrics) {
                if (metrics.step() == 6 && !failed) {
                    failed = true;
                    throw new IllegalStateException("flood");
                }
                if (metrics.step() >= 14) {
                    afterStep14.run();
                }
            }

            @Override
            public void message(String line) {
                messages.add(line);
            }
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"diloco", "async-local-sgd", "decoupled-diloco"})
    void aReplicaThatFailsIsDroppedReportedAndBackInTheNextRound(String algorithm) throws Exception {
        RunConfig config = config("algorithm", algorithm, "local-steps", 4, "replicas", 2, "quorum", 1);
        List<String> messages = new ArrayList<>();
        Run.train(config, options("whole", false, 1), failingAtStep6(messages, () -> {}));
        assertThat(messages).contains("replica 1 failed (java.lang.IllegalStateException: flood): dropped from the round of steps 5 to 8, "
                + "which goes on with 1 of 2");
        List<String> lines = Files.readAllLines(temp.resolve("whole/metrics.jsonl"));
        assertThat(lines).filteredOn(line -> line.contains("dropped")).singleElement().asString().startsWith("{\"step\":8,").contains(
                "\"dropped\":[{\"replica\":1,\"kind\":\"failed\",\"reason\":\"java.lang.IllegalStateException: flood\"}]");
        JsonNode eighth = JsonMapper.shared()
                .readTree(lines.stream().filter(line -> line.startsWith("{\"step\":8,")).findFirst().orElseThrow());
        assertThat(eighth.get("replica_losses").get(0).isNumber()).isTrue();
        assertThat(eighth.get("replica_losses").get(1).isNull()).isTrue();

        RunOptions stopping = new RunOptions(temp.resolve("parts"), false, 1, 5, false, new StopSignal());
        assertThatThrownBy(() -> Run.train(config, stopping, failingAtStep6(messages, stopping.stop()::request)))
                .isInstanceOf(RunStopped.class);
        Run.train(config, options("parts", true, 2), SILENT);
        assertThat(finalModel("parts")).isEqualTo(finalModel("whole"));
        assertThat(finalBuffers("parts")).isEqualTo(finalBuffers("whole"));
    }

    @Test
    void aRoundWithoutAQuorumEndsTheRunInOneLineAndIsRepeatedWhenItIsResumed() throws Exception {
        RunConfig config = config();
        Run.train(config, options("whole", false, 2), SILENT);
        stopAt(config, "parts", false, 2, 9);
        RunOptions hasty = new RunOptions(temp.resolve("parts"), true, 2, 5, false, Optional.of(Duration.ofMillis(1)), new StopSignal());
        assertThatThrownBy(() -> Run.train(config, hasty, hangingUntilGivenUp(Thread.currentThread()))).isInstanceOf(RunException.class)
                .message().matches("round \\d, steps \\d+ to \\d+, was rolled back: [01] of 2 replicas are left, "
                        + "the quorum is 2: replica [01] hangs \\(.*--resume .*");
        assertThat(temp.resolve("parts/rollbacks.jsonl")).content()
                .matches("\\{\"step\":\\d+,\"reason\":\"round \\d, steps \\d+ to \\d+, was rolled back: .*\"}\n");
        Run.train(config, options("parts", true, 2), SILENT);
        assertThat(finalModel("parts")).isEqualTo(finalModel("whole"));
        assertThat(finalBuffers("parts")).isEqualTo(finalBuffers("whole"));
        assertThat(losses("parts")).isEqualTo(losses("whole"));
    }

    /// A replica that reports a step inside a round, with hardly any time for it, goes on when the run waits to cut it off.
    private static RunListener hangingUntilGivenUp(Thread run) {
        return new RunListener() {
            @Override
            public void step(StepMetrics metrics) {
                while (Thread.currentThread() != run && run.getState() != Thread.State.BLOCKED) {
                    LockSupport.parkNanos(100_000);
                }
            }
        };
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void threadsDoNotChangeABit(int threads) throws Exception {
        Run.train(config(), options("one", false, 1), SILENT);
        Run.train(config(), options("several", false, threads), SILENT);
        assertThat(finalModel("several")).isEqualTo(finalModel("one"));
        assertThat(losses("several")).isEqualTo(losses("one"));
    }

    @Test
    void recomputingChangesNoBit() throws Exception {
        Run.train(config("dropout", 0.2), options("keeping", false, 2), SILENT);
        Run.train(config("dropout", 0.2), new RunOptions(temp.resolve("recomputing"), false, 2, 5, true, new StopSignal()), SILENT);
        assertThat(finalModel("recomputing")).isEqualTo(finalModel("keeping"));
        assertThat(losses("recomputing")).isEqualTo(losses("keeping"));
    }

    @Test
    void dropoutIsResumedToTheSameBitsToo() throws Exception {
        RunConfig config = config("dropout", 0.2);
        Run.train(config, options("whole", false, 2), SILENT);
        stopAt(config, "parts", false, 2, 6);
        Run.train(config, options("parts", true, 2), SILENT);
        assertThat(finalModel("parts")).isEqualTo(finalModel("whole"));
        Run.train(config(), options("without", false, 2), SILENT);
        assertThat(finalModel("without")).isNotEqualTo(finalModel("whole"));
    }

    @Test
    void theMetricsSayWhatHappened() throws Exception {
        RunSummary summary = Run.train(config(), options("run", false, 2), SILENT);
        List<String> lines = Files.readAllLines(temp.resolve("run/metrics.jsonl"));
        assertThat(lines.getFirst()).startsWith("{\"step\":").contains("\"tokens\":", "\"train_loss\":", "\"lr\":",
                "\"tokens_per_second\":",
                "\"communicated_bytes\":", "\"elapsed_seconds\":");
        assertThat(lines.getLast()).contains("\"step\":23,\"tokens\":736,").contains("\"val_loss\":" + summary.valLoss());
        assertThat(lines.stream().filter(line -> line.contains("val_loss")).map(line -> line.replaceAll(",.*", "")))
                .containsExactly("{\"step\":8", "{\"step\":16", "{\"step\":23"); // the synchronisations after 7, 14 and at the end; 21 falls in the last round
        assertThat(summary.tokens()).isEqualTo(736);
        assertThat(summary.communicatedBytes()).isEqualTo(2L * 2 * 6 * 4 * summary.parameters());
        for (String text : lines) {
            JsonNode line = JsonMapper.shared().readTree(text);
            int step = line.get("step").asInt();
            assertThat(line.get("rounds").asInt()).as("step %d", step).isEqualTo(step == STEPS ? 6 : step / 4);
            List<Double> own = line.get("replica_losses").valueStream().map(JsonNode::asDouble).toList();
            assertThat(own).doesNotHaveDuplicates().hasSize(2);
            assertThat(line.get("train_loss").asDouble()).isEqualTo((own.get(0) + own.get(1)) / 2);
        }
    }

    @Test
    void aReplicaWithoutALossInAStepHasNoneInTheMetrics() throws Exception {
        Run.train(config("algorithm", "async-local-sgd", "replicas", 2, "step-times", "1,4", "local-steps", 2),
                options("run", false, 1), SILENT);
        List<JsonNode> own = Files.readAllLines(temp.resolve("run/metrics.jsonl")).stream()
                .map(line -> JsonMapper.shared().readTree(line).get("replica_losses")).toList();
        assertThat(own).allSatisfy(losses -> assertThat(losses.size()).isEqualTo(2)).anySatisfy(losses -> {
            assertThat(losses.get(0).isNumber()).isTrue();
            assertThat(losses.get(1).isNull()).isTrue();
        });
    }

    @Test
    void theNewestTwoCheckpointsAreKept() throws Exception {
        Run.train(config(), options("run", false, 2), SILENT);
        try (var folders = Files.list(temp.resolve("run/checkpoints"))) {
            assertThat(folders.map(folder -> folder.getFileName().toString())).containsExactlyInAnyOrder("step-00000020", "step-00000023");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.safetensors", "training.safetensors", "training.json", "config.json", "tokenizer.json"})
    void aBrokenCheckpointIsPassedOverAndNamed(String file) throws Exception {
        Run.train(config(), options("whole", false, 2), SILENT);
        Run.train(config(), options("broken", false, 2), SILENT);
        Path newest = temp.resolve("broken/checkpoints/step-00000023").resolve(file);
        byte[] bytes = Files.readAllBytes(newest);
        Files.write(newest, Arrays.copyOf(bytes, bytes.length / 2));
        List<String> messages = new ArrayList<>();
        Run.train(config(), options("broken", true, 2), new RunListener() {
            @Override
            public void message(String line) {
                messages.add(line);
            }
        });
        assertThat(messages).anySatisfy(line -> assertThat(line).contains("step-00000023", "broken", "falling back"))
                .anySatisfy(line -> assertThat(line).contains("resuming from", "step-00000020"));
        assertThat(finalModel("broken")).isEqualTo(finalModel("whole"));
        assertThat(losses("broken")).isEqualTo(losses("whole"));
    }

    @Test
    void aFlippedBitIsNoticed() throws Exception {
        Run.train(config(), options("run", false, 2), SILENT);
        Path newest = temp.resolve("run/checkpoints/step-00000023/model.safetensors");
        byte[] bytes = Files.readAllBytes(newest);
        bytes[bytes.length - 7] ^= 4;
        Files.write(newest, bytes);
        assertThat(Run.modelFolder(temp.resolve("run"))).hasFileName("step-00000020");
    }

    @Test
    void aRunWithoutACheckpointStartsFromItsBeginning() throws Exception {
        stopAt(config(), "run", false, 2, 1);
        try (var tree = Files.walk(temp.resolve("run/checkpoints"))) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
        Run.train(config(), options("run", true, 2), SILENT);
        Run.train(config(), options("whole", false, 2), SILENT);
        assertThat(finalModel("run")).isEqualTo(finalModel("whole"));
        assertThat(losses("run")).isEqualTo(losses("whole"));
    }

    @Test
    void resumingACompleteRunChangesNothing() throws Exception {
        RunSummary first = Run.train(config(), options("run", false, 2), SILENT);
        byte[] model = finalModel("run");
        RunSummary again = Run.train(config(), options("run", true, 2), SILENT);
        assertThat(again.valLoss()).isEqualTo(first.valLoss());
        assertThat(finalModel("run")).isEqualTo(model);
    }

    @Test
    void aFolderThatHoldsARunIsNotOverwritten() throws Exception {
        Run.train(config(), options("run", false, 2), SILENT);
        assertThatThrownBy(() -> Run.train(config(), options("run", false, 2), SILENT))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("already holds a run").hasMessageContaining("--resume");
    }

    @Test
    void aFolderWithOtherThingsIsNotOverwritten() throws Exception {
        Files.createDirectories(temp.resolve("thesis"));
        Files.writeString(temp.resolve("thesis/chapter1.txt"), "words");
        assertThatThrownBy(() -> Run.train(config(), options("thesis", false, 2), SILENT))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("not empty");
    }

    @Test
    void aFolderInUseIsRefused() throws Exception {
        List<Throwable> refusals = new ArrayList<>();
        Run.train(config(), options("run", false, 2), new RunListener() {
            @Override
            public void started(RunConfig config, long parameters, int firstStep) {
                try {
                    Run.train(config, options("run", true, 1), SILENT);
                } catch (RunException | IllegalArgumentException e) {
                    refusals.add(e);
                }
            }
        });
        assertThat(refusals).singleElement().satisfies(e -> assertThat(e).hasMessageContaining("in use"));
    }

    @Test
    void resumingWithOtherSettingsIsRefusedAndNamesThem() throws Exception {
        Run.train(config(), options("run", false, 2), SILENT);
        assertThatThrownBy(() -> Run.train(config("lr", 0.5, "width", 16), options("run", true, 2), SILENT))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("lr").hasMessageContaining("width");
    }

    @Test
    void resumingOnOtherDataIsRefused() throws Exception {
        stopAt(config(), "run", false, 2, 3);
        Files.writeString(data, Files.readString(data).replace("river", "brook"), StandardCharsets.UTF_8);
        assertThatThrownBy(() -> Run.train(config(), options("run", true, 2), SILENT))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("data").hasMessageContaining("changed");
    }

    @Test
    void nothingIsResumedFromAnEmptyFolder() {
        assertThatThrownBy(() -> Run.train(config(), options("none", true, 2), SILENT))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("nothing to resume");
    }

    @ParameterizedTest
    @ValueSource(strings = {"diloco", "local-sgd", "data-parallel"})
    void aLossThatIsNotANumberStopsTheRunNamesTheStepAndKeepsTheLastGoodCheckpoint(String algorithm) throws Exception {
        RunConfig config = config("algorithm", algorithm, "steps", 400, "lr", 1e30, "min-lr", 1e30, "warmup", 300);
        assertThatThrownBy(() -> Run.train(config, options("run", false, 2), SILENT))
                .isInstanceOf(RunException.class).hasMessageContaining("step ").hasMessageContaining("replica")
                .hasMessageNotContaining("\n");
        for (Path checkpoint : Checkpoint.list(temp.resolve("run/checkpoints"))) {
            assertThat(Run.modelFolder(temp.resolve("run"))).isEqualTo(checkpoint);
            break;
        }
    }

    @Test
    void dataShorterThanAContextIsRefusedBeforeAnythingIsWritten() throws Exception {
        Files.writeString(data, "short");
        assertThatThrownBy(() -> Run.train(config(), options("run", false, 2), SILENT)).isInstanceOf(IllegalArgumentException.class);
        assertThat(temp.resolve("run/config.yaml")).doesNotExist();
    }

    @Test
    void trainingGoesOnFromAnotherRunsModel() throws Exception {
        Run.train(config(), options("first", false, 2), SILENT);
        RunSummary second = Run.train(config("init-from", temp.resolve("first").toString()), options("second", false, 2), SILENT);
        RunSummary fresh = Run.train(config(), options("fresh", false, 2), SILENT);
        assertThat(second.trainLoss()).isLessThan(fresh.trainLoss());
        assertThatThrownBy(
                () -> Run.train(config("init-from", temp.resolve("first").toString(), "width", 16), options("third", false, 2), SILENT))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("width 8").hasMessageContaining("width 16");
    }
}
