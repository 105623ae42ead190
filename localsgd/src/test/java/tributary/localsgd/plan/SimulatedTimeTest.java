package tributary.localsgd.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tributary.localsgd.cluster.Exchange;
import tributary.localsgd.cluster.Link;
import tributary.localsgd.run.Run;
import tributary.localsgd.run.RunConfig;
import tributary.localsgd.run.RunListener;
import tributary.localsgd.run.RunOptions;
import tributary.localsgd.run.RunSummary;
import tributary.localsgd.run.StopSignal;

/// Predicted times beside a virtual cluster on which a small model is really trained.
class SimulatedTimeTest {
    private static final int STEPS = 40;
    private static final double STEP_SECONDS = 0.5;
    private static final Link NEAR = new Link(2e6, 1e6, 0.1, 0, 0);
    private static final Link FAR = new Link(1e6, 4e6, 0.3, 0, 0.2);

    @TempDir
    Path folder;

    private RunSummary train(String exchange, Map<String, Object> settings) throws Exception {
        Path cluster = Files.writeString(folder.resolve("cluster.yaml"), """
                step-seconds: %s
                exchange: %s
                sites:
                  - {link: {up: 2e6, down: 1e6, latency: 0.1}, workers: [{}]}
                  - {link: {up: 1e6, down: 4e6, latency: 0.3, loss: 0.2}, workers: [{speed: 0.8}]}
                  - {link: {up: 2e6, down: 1e6, latency: 0.1}, workers: [{}]}
                """.formatted(STEP_SECONDS, exchange));
        Map<String, Object> given = new HashMap<>(Map.of("data", text(), "layers", 2, "width", 8, "heads", 2, "context", 8, "batch", 3,
                "steps", STEPS, "replicas", 3, "cluster", cluster, "eval-every", STEPS));
        given.putAll(settings);
        return Run.train(RunConfig.of(given), new RunOptions(folder.resolve("run"), false, 2, STEPS, false, new StopSignal()),
                new RunListener() {});
    }

    private Path text() throws IOException {
        return Files.writeString(folder.resolve("text.txt"), "small rivers meet.\n".repeat(400));
    }

    /// Three clusters of one worker, each of which takes a third of the batch; a worker of speed 1 takes STEP_SECONDS.
    private static TwoStageTime prediction(String exchange, double parameters) {
        Work work = new Work(1e6, Math.max(1e6, parameters), 2, 8, 1e9, 3e3);
        double flops = work.flops(1e3) / STEP_SECONDS;
        List<Site> sites = Stream.of(new Site("a", 1, flops, 0, Link.ideal(), NEAR), new Site("b", 1, 0.8 * flops, 0, Link.ideal(), FAR),
                new Site("c", 1, flops, 0, Link.ideal(), NEAR)).toList();
        return new TwoStageTime(work, sites, 32, Exchange.valueOf(exchange.toUpperCase(Locale.ROOT)));
    }

    @ParameterizedTest
    @CsvSource({"server, fp32, 5", "ring, fp32, 5", "server, int8, 8", "ring, fp4, 4", "ring, topk:1/8, 10", "server, fp32, 1"})
    void roundsTakeWhatIsPredicted(String exchange, String codec, int H) throws Exception {
        RunSummary summary = train(exchange, Map.of("algorithm", "diloco", "codec", codec, "local-steps", H));
        TwoStageTime time = prediction(exchange, summary.parameters());
        double share = summary.parameters() / time.work().exchanged();
        StepTime step = new StreamingTime(time.step(), time.merge(Payload.of(codec), share), H, 1, 0).withMerges();
        assertThat(summary.workers().getFirst().all()).isCloseTo(STEPS * step.all(), withinPercentage(0.01));
    }

    /// The last exchange of all fragments comes at the end of the run, besides their turns.
    @Test
    void fragmentsTakeWhatIsPredicted() throws Exception {
        RunSummary summary = train("server", Map.of("algorithm", "streaming-diloco", "fragments", 2, "overlap", 0, "local-steps", 2));
        TwoStageTime time = prediction("server", summary.parameters());
        double share = summary.parameters() / time.work().exchanged();
        StepTime step = new StreamingTime(time.step(), time.merge(Payload.of("fp32"), share / 2), 2, 2, 0).withMerges();
        assertThat(summary.workers().getFirst().all()).isCloseTo(STEPS * step.all(), withinPercentage(3));
    }
}
