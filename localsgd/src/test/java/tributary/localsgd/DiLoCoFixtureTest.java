package tributary.localsgd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tributary.autograd.ParameterStore;
import tributary.model.Evaluator;
import tributary.model.Gpt;
import tributary.model.GptConfig;
import tributary.model.Trainer;
import tributary.model.data.BatchSource;
import tributary.model.format.HuggingFaceGpt2;
import tributary.model.format.SafetensorsFile;
import tributary.model.optimizer.AdamW;
import tributary.model.optimizer.Schedule;
import tributary.model.optimizer.Sgd;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// DiLoCo on a small GPT-2 against the same rounds in PyTorch's float64: every replica's losses, and after each round the
/// loss and the norm of the global parameters. The fixtures' README says how the trace was made.
class DiLoCoFixtureTest {
    private static final String OWN_COPY = "model/src/test/resources/fixtures";
    private static final double TOLERANCE = 2e-5;

    @TestFactory
    Stream<DynamicTest> traces() throws IOException {
        Path folder = fixtures().resolve("gpt2-tiny");
        JsonNode training = JsonMapper.shared().readTree(folder.resolve("training.json").toFile());
        JsonNode traces = training.path("diloco");
        assertThat(traces.size()).as("DiLoCo traces in %s", folder).isPositive();
        return traces.valueStream().map(trace -> dynamicTest(
                "%d replicas, %d local steps, outer %s/%s%s".formatted(
                        trace.path("replicas").intValue(), trace.path("local_steps").intValue(),
                        trace.path("outer_lr"), trace.path("outer_momentum"), nesterov(trace) ? " Nesterov" : ""),
                () -> check(folder, training.path("hyperparameters"), trace)));
    }

    private static void check(Path folder, JsonNode inner, JsonNode trace) throws IOException {
        GptConfig config = HuggingFaceGpt2.readConfig(folder);
        ParameterStore.Layout layout = Gpt.layout(config);
        Gpt global = new Gpt(config, ParameterStore.withoutGradients(layout));
        HuggingFaceGpt2.load(folder, global.parameters());
        GoldenBatches batches;
        try (SafetensorsFile expected = SafetensorsFile.open(folder.resolve("expected.safetensors"))) {
            batches = new GoldenBatches(expected.ints("tokens"));
        }
        int M = trace.path("replicas").intValue();
        int H = trace.path("local_steps").intValue();
        JsonNode rounds = trace.path("rounds");
        assertThat(rounds.size()).isPositive();
        double[][] losses = new double[M][rounds.size() * H];
        StepObserver record = new StepObserver() {
            @Override
            public boolean mayStart(int replica, int step) {
                return true;
            }

            @Override
            public void finished(int replica, int step, double loss) {
                losses[replica][step - 1] = loss;
            }
        };
        ThreadPoolGroup.ReplicaFactory factory = (m, kernels) -> new Replica(
                m, Objective.of(new Trainer(new Gpt(config, new ParameterStore(layout)), kernels, batches, m, M, 0)),
                Optional.of(innerOpt(layout, inner)), Replica.Equipment.plain(M), record);
        try (ThreadPoolGroup group = new ThreadPoolGroup(M, 2, Kernels::simd, factory)) {
            Evaluator evaluator = new Evaluator(global, group.kernels());
            Tensor theta = global.parameters().values();
            int[] finished = new int[1];
            Rounds.Observer compare = new Rounds.Observer() {
                @Override
                public void finished(Round t) {
                    JsonNode expected = rounds.path(t.index() - 1);
                    String after = "after round " + t.index();
                    assertClose("loss " + after, batches.lastLoss(evaluator), expected.path("global_loss_on_last_batch"));
                    assertClose("norm " + after, Math.sqrt(group.kernels().squaredNorm(theta)), expected.path("global_l2"));
                    finished[0]++;
                }
            };
            Sgd outerOpt = new Sgd(layout.elements(), trace.path("outer_momentum").doubleValue(), nesterov(trace));
            Schedule outerLr = new Schedule.Constant(trace.path("outer_lr").doubleValue());
            new DiLoCo(0, new LocalSteps.Constant(H), outerLr, outerOpt).train(theta, group, new Rounds(0, rounds.size() * H, compare));
            assertThat(finished[0]).isEqualTo(rounds.size());
        }
        for (int m = 0; m < M; m++) {
            for (int step = 0; step < losses[m].length; step++) {
                JsonNode expected = rounds.path(step / H).path("local_losses").path(m).path(step % H);
                assertClose("loss of replica " + m + " at step " + (step + 1), losses[m][step], expected);
            }
        }
    }

    private static boolean nesterov(JsonNode trace) {
        return trace.path("nesterov").booleanValue();
    }

    private static Replica.InnerOpt innerOpt(ParameterStore.Layout layout, JsonNode h) {
        AdamW adamW = new AdamW(layout, new AdamW.Hyperparameters(
                h.path("betas").path(0).doubleValue(), h.path("betas").path(1).doubleValue(),
                h.path("eps").doubleValue(), h.path("weight_decay").doubleValue()));
        return new Replica.InnerOpt(adamW, new Schedule.Constant(h.path("lr").doubleValue()), h.path("clip").doubleValue());
    }

    private static void assertClose(String what, double actual, JsonNode expected) {
        assertThat(actual).as(what).isCloseTo(expected.doubleValue(), within(TOLERANCE * Math.abs(expected.doubleValue())));
    }

    /// The system property `fixtures`, else the project's own copy.
    private static Path fixtures() {
        String wanted = System.getProperty("fixtures", OWN_COPY);
        Path here = Path.of("").toAbsolutePath();
        for (Path base = here; base != null; base = base.getParent()) {
            if (Files.isDirectory(base.resolve(wanted))) {
                return base.resolve(wanted);
            }
        }
        throw new IllegalStateException("fixtures: there is no folder " + wanted + " at or above " + here);
    }

    /// The golden tokens, (step, batch, context + 1): inputs are all but the last, targets all but the first.
    private record GoldenBatches(IntTensor tokens) implements BatchSource {
        @Override
        public int batch() {
            return tokens.shape().size(1);
        }

        @Override
        public int context() {
            return tokens.shape().size(2) - 1;
        }

        @Override
        public void fill(long step, int replica, int replicas, IntTensor ids, IntTensor targets) {
            int T = context();
            for (int row = replica, to = 0; row < batch(); row += replicas, to += T) {
                int from = ((int) step * batch() + row) * (T + 1);
                System.arraycopy(tokens.array(), from, ids.array(), to, T);
                System.arraycopy(tokens.array(), from + 1, targets.array(), to, T);
            }
        }

        /// The mean loss on the last step's whole batch.
        double lastLoss(Evaluator evaluator) {
            IntTensor ids = IntTensor.zeros(batch(), context());
            IntTensor targets = IntTensor.zeros(batch(), context());
            fill(tokens.shape().size(0) - 1, 0, 1, ids, targets);
            return evaluator.lossSum(ids, targets) / targets.elements();
        }
    }
}
