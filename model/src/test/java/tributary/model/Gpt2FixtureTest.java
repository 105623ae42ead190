package tributary.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tributary.autograd.ParameterStore;
import tributary.autograd.Tape;
import tributary.autograd.Variable;
import tributary.model.data.BatchSource;
import tributary.model.format.HuggingFaceGpt2;
import tributary.model.format.SafetensorsFile;
import tributary.model.optimizer.AdamW;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// A whole GPT-2 against transformers and PyTorch in float64, on each backend: what it computes and how it trains.
class Gpt2FixtureTest {
    private static final double LOGITS_TOLERANCE = 1e-5;
    private static final double LOSS_TOLERANCE = 5e-6;
    private static final double GRADIENT_TOLERANCE = 2e-5;
    private static final double TRACE_TOLERANCE = 2e-5;

    private static final Kernels REFERENCE = Kernels.reference();
    private static final Kernels SIMD = Kernels.simd(2);

    private Gpt model;
    private GoldenBatches batches;

    @BeforeEach
    void load() throws IOException {
        GptConfig config = HuggingFaceGpt2.readConfig(Fixtures.path("gpt2-tiny"));
        model = new Gpt(config, new ParameterStore(Gpt.layout(config)));
        HuggingFaceGpt2.load(Fixtures.path("gpt2-tiny"), model.parameters());
        try (SafetensorsFile expected = Fixtures.tensors("gpt2-tiny/expected.safetensors")) {
            batches = new GoldenBatches(expected.ints("tokens"));
        }
    }

    @AfterAll
    static void close() {
        SIMD.close();
    }

    static Stream<Named<Kernels>> backends() {
        return Stream.of(Named.of("reference", REFERENCE), Named.of("simd", SIMD));
    }

    @ParameterizedTest(name = "{0}", autoCloseArguments = false)
    @MethodSource("backends")
    void logitsLossAndGradients(Kernels kernels) throws IOException {
        IntTensor ids = IntTensor.zeros(batches.batch(), batches.context());
        IntTensor targets = IntTensor.zeros(batches.batch(), batches.context());
        batches.fill(0, 0, 1, ids, targets);
        try (SafetensorsFile expected = Fixtures.tensors("gpt2-tiny/expected.safetensors")) {
            Tensor logits = model.logits(Tape.withoutGradients(kernels), ids).value();
            Fixtures.assertClose("logits", logits, expected.tensor("logits"), LOGITS_TOLERANCE);

            Tape tape = new Tape(kernels);
            Variable loss = model.loss(tape, ids, targets);
            tape.backward(loss);
            assertThat((double) loss.value().item()).isCloseTo(expected.tensor("loss").item(), within(LOSS_TOLERANCE));
            for (String name : model.parameters().names()) {
                Tensor gradient = model.parameters().parameter(name).gradient();
                Fixtures.assertClose(name, gradient, expected.tensor("grad." + name), GRADIENT_TOLERANCE);
            }
            long gradients = expected.names().stream().filter(name -> name.startsWith("grad.")).count();
            assertThat(model.parameters().names()).as("parameters with a golden gradient").hasSize((int) gradients);
        }
    }

    @ParameterizedTest(name = "{0}", autoCloseArguments = false)
    @MethodSource("backends")
    void logitsTokenByToken(Kernels kernels) throws IOException {
        int T = batches.context();
        int V = model.config().vocabulary();
        IntTensor ids = IntTensor.zeros(batches.batch(), T);
        batches.fill(0, 0, 1, ids, IntTensor.zeros(batches.batch(), T));
        Tensor logits = Tensor.zeros(batches.batch(), T, V);
        Decoder decoder = new Decoder(model, kernels);
        for (int row = 0; row < batches.batch(); row++) {
            logits.slice(row).slice(0).set(decoder.start(new int[] {ids.array()[row * T]}, 1));
            for (int t = 1; t < T; t++) {
                logits.slice(row).slice(t).set(decoder.append(ids.array()[row * T + t]));
            }
        }
        try (SafetensorsFile expected = Fixtures.tensors("gpt2-tiny/expected.safetensors")) {
            Fixtures.assertClose("logits", logits, expected.tensor("logits"), LOGITS_TOLERANCE);
        }
    }

    @ParameterizedTest(name = "{0}", autoCloseArguments = false)
    @MethodSource("backends")
    void trainingWithAdamW(Kernels kernels) {
        JsonNode training = Fixtures.json("gpt2-tiny/training.json");
        JsonNode h = training.path("hyperparameters");
        AdamW adamW = new AdamW(model.parameters().layout(), new AdamW.Hyperparameters(
                h.path("betas").path(0).doubleValue(), h.path("betas").path(1).doubleValue(),
                h.path("eps").doubleValue(), h.path("weight_decay").doubleValue()));
        double lr = h.path("lr").doubleValue();
        double clip = h.path("clip").doubleValue();
        JsonNode losses = training.path("adamw").path("loss");
        JsonNode norms = training.path("adamw").path("grad_norm_before_clip");
        assertThat(losses.size()).isPositive().isEqualTo(norms.size());
        Trainer trainer = new Trainer(model, kernels, batches, 0);
        Tensor parameters = model.parameters().values();
        Tensor gradients = model.parameters().gradients();
        for (int step = 0; step < losses.size(); step++) {
            double loss = trainer.gradients(step);
            double norm = Trainer.update(kernels, parameters, gradients, adamW, lr, clip);
            double expectedLoss = losses.path(step).doubleValue();
            double expectedNorm = norms.path(step).doubleValue();
            assertThat(loss).as("loss before step %d", step + 1).isCloseTo(expectedLoss, within(TRACE_TOLERANCE * expectedLoss));
            assertThat(norm).as("gradient norm at step %d", step + 1).isCloseTo(expectedNorm, within(TRACE_TOLERANCE * expectedNorm));
        }
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
    }
}
