package tributary.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tributary.autograd.Tape;
import tributary.autograd.Variable;
import tributary.model.data.BatchSource;
import tributary.model.optimizer.Schedule;
import tributary.model.optimizer.Sgd;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;

class GptTest {
    private static final GptConfig SHAPE = new GptConfig(2, 2, 16, 13, 10);

    private static IntTensor ids(int rows, int length) {
        int[] ids = IntStream.range(0, rows * length).map(i -> i * 7 % 13).toArray();
        return IntTensor.of(ids, rows, length);
    }

    private static float[] logits(Gpt model, IntTensor ids) {
        try (Kernels kernels = Kernels.simd(1)) {
            return model.logits(Tape.withoutGradients(kernels), ids).value().toArray();
        }
    }

    @Test
    void laterTokensDoNotChangeEarlierLogits() {
        Gpt model = Gpt.initialized(SHAPE, 1);
        IntTensor changed = ids(1, 10);
        changed.array()[7] = 12;
        float[] before = logits(model, ids(1, 10));
        float[] after = logits(model, changed);
        int V = SHAPE.vocabulary();
        assertThat(IntStream.range(0, 7 * V)).allMatch(i -> before[i] == after[i]);
        assertThat(IntStream.range(7 * V, 10 * V)).anyMatch(i -> before[i] != after[i]);
    }

    @Test
    void aNewModelKnowsNothing() {
        Gpt model = Gpt.initialized(new GptConfig(2, 2, 64, 97, 16), 1);
        int[] random = IntStream.range(0, 128).map(i -> i * 31 % 97).toArray();
        int[] others = IntStream.range(0, 128).map(i -> (i * 57 + 11) % 97).toArray();
        try (Kernels kernels = Kernels.simd(1)) {
            double sum = new Evaluator(model, kernels).lossSum(IntTensor.of(random, 8, 16), IntTensor.of(others, 8, 16));
            assertThat(sum / 128).isCloseTo(Math.log(97), within(0.1));
        }
    }

    @Test
    void initialValuesHaveGpt2sDeviations() {
        Gpt model = Gpt.initialized(new GptConfig(8, 4, 64, 97, 64), 3);
        assertThat(deviation(model, "transformer.h.3.mlp.c_fc.weight")).isCloseTo(0.02, within(5e-4));
        assertThat(deviation(model, "transformer.h.3.mlp.c_proj.weight")).isCloseTo(0.02 / Math.sqrt(16), within(2e-4));
        assertThat(model.parameters().parameter("transformer.h.0.ln_1.weight").value().toArray()).containsOnly(1f);
        assertThat(model.parameters().parameter("transformer.h.0.attn.c_attn.bias").value().toArray()).containsOnly(0f);
        assertThat(Gpt.initialized(SHAPE, 5).parameters().values().toArray())
                .isEqualTo(Gpt.initialized(SHAPE, 5).parameters().values().toArray())
                .isNotEqualTo(Gpt.initialized(SHAPE, 6).parameters().values().toArray());
    }

    private static double deviation(Gpt model, String name) {
        double squares = 0;
        float[] values = model.parameters().parameter(name).value().toArray();
        for (float value : values) {
            squares += (double) value * value;
        }
        return Math.sqrt(squares / values.length);
    }

    @Test
    void dropoutChangesTheTrainingLossWithTheSeedAndOnlyThere() {
        Gpt model = Gpt.initialized(new GptConfig(2, 2, 16, 13, 10, 0.3, 1e-5), 1);
        AtomicLong seed = new AtomicLong(1);
        try (Kernels kernels = Kernels.simd(1)) {
            Tape tape = new Tape(kernels);
            Variable loss = model.trainingLoss(tape, ids(2, 10), ids(2, 10), seed::get);
            float first = loss.value().item();
            seed.set(2);
            tape.replay();
            assertThat(loss.value().item()).isNotEqualTo(first);
            seed.set(1);
            tape.replay();
            assertThat(loss.value().item()).isEqualTo(first);
            float plain = model.loss(new Tape(kernels), ids(2, 10), ids(2, 10)).value().item();
            Gpt without = new Gpt(SHAPE, model.parameters());
            assertThat(without.loss(new Tape(kernels), ids(2, 10), ids(2, 10)).value().item()).isEqualTo(plain).isNotEqualTo(first);
        }
    }

    @Test
    void recomputingTrainsToTheSameBitsInLessMemory() {
        Trained kept = trained(false);
        Trained recomputed = trained(true);
        assertThat(recomputed.parameters).isEqualTo(kept.parameters);
        assertThat(recomputed.bytes).isLessThan(kept.bytes * 2 / 3);
    }

    private record Trained(float[] parameters, long bytes) {}

    private static Trained trained(boolean recompute) {
        try (Kernels kernels = Kernels.simd(2)) {
            Gpt model = Gpt.initialized(new GptConfig(4, 2, 16, 13, 10, 0.2, 1e-5), 1);
            Trainer trainer = new Trainer(model, kernels, new SameRows(ids(4, 10)), 0, 1, 7, recompute);
            Sgd sgd = new Sgd(model.parameters().layout().elements(), 0, false);
            for (int step = 0; step < 5; step++) {
                trainer.step(step, sgd, new Schedule.Constant(0.1), 1);
            }
            return new Trained(model.parameters().values().toArray(), trainer.activationBytes());
        }
    }

    /// Every batch is this one.
    private record SameRows(IntTensor rows) implements BatchSource {
        @Override
        public int batch() {
            return rows.shape().size(0);
        }

        @Override
        public int context() {
            return rows.shape().last();
        }

        @Override
        public void fill(long step, int replica, int replicas, IntTensor ids, IntTensor targets) {
            System.arraycopy(rows.array(), 0, ids.array(), 0, rows.elements());
            System.arraycopy(rows.array(), 1, targets.array(), 0, rows.elements() - 1);
        }
    }

    @Test
    void aSequenceLongerThanTheContextIsRefused() {
        assertThatThrownBy(() -> logits(Gpt.initialized(SHAPE, 1), ids(1, 11)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("11").hasMessageContaining("context 10");
    }

    @Test
    void evaluatingInOtherBatchesGivesTheSameSums() {
        Gpt model = Gpt.initialized(SHAPE, 2);
        IntTensor targets = ids(4, 10);
        targets.array()[39] = -100;
        try (Kernels kernels = Kernels.simd(2)) {
            double whole = new Evaluator(model, kernels).lossSum(ids(4, 10), targets);
            Evaluator evaluator = new Evaluator(model, kernels);
            double parts = 0;
            for (int row = 0; row < 4; row++) {
                int[] rowIds = Arrays.copyOfRange(ids(4, 10).array(), row * 10, row * 10 + 10);
                int[] rowTargets = Arrays.copyOfRange(targets.array(), row * 10, row * 10 + 10);
                parts += evaluator.lossSum(IntTensor.of(rowIds, 1, 10), IntTensor.of(rowTargets, 1, 10));
            }
            assertThat(parts).isCloseTo(whole, within(1e-4));
        }
    }
}
