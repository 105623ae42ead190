package tributary.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tributary.autograd.Tape;
import tributary.autograd.Variable;
import tributary.model.data.BatchSource;
import tributary.model.data.StatelessRandom;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;

/// A batch that is cut in slices: 13 rows, which make 6 and 7.
class TrainerTest {
    private static final GptConfig SHAPE = new GptConfig(2, 2, 16, 13, 64, 0, 1e-5);
    private static final BatchSource ROWS = new RandomRows(13, 64, 13);

    private record RandomRows(int batch, int context, int vocabulary) implements BatchSource {
        @Override
        public void fill(long step, int replica, int replicas, IntTensor ids, IntTensor targets) {
            for (int i = 0; i < ids.elements(); i++) {
                ids.array()[i] = (int) Math.floorMod(StatelessRandom.bits(3, step, i), (long) vocabulary);
                targets.array()[i] = (int) Math.floorMod(StatelessRandom.bits(4, step, i), (long) vocabulary);
            }
        }
    }

    @Test
    void slicesAddUpToTheLossAndGradientsOfTheWholeBatch() {
        Gpt model = Gpt.initialized(SHAPE, 1);
        try (Kernels kernels = Kernels.simd(2)) {
            IntTensor ids = IntTensor.zeros(13, 64);
            IntTensor targets = IntTensor.zeros(13, 64);
            ROWS.fill(5, 0, 1, ids, targets);
            Tape tape = new Tape(kernels);
            Variable whole = model.loss(tape, ids, targets);
            tape.backward(whole);
            float[] expected = model.parameters().gradients().toArray();
            double largest = 0;
            for (float gradient : expected) {
                largest = Math.max(largest, Math.abs(gradient));
            }

            Trainer trainer = new Trainer(model, kernels, ROWS, 1);
            for (int time = 0; time < 2; time++) {
                model.parameters().gradients().fill(Float.NaN);
                assertThat(trainer.gradients(5)).isCloseTo(whole.value().item(), within(1e-6));
                float[] sum = model.parameters().gradients().toArray();
                for (int i = 0; i < expected.length; i++) {
                    assertThat((double) sum[i]).isCloseTo(expected[i], within(1e-5 * largest));
                }
            }
            assertThat(trainer.slices()).isEqualTo(2);
        }
    }

    @Test
    void anyNumberOfThreadsGivesTheSameBits() {
        float[] one = gradients(1);
        for (int threads = 2; threads <= 5; threads++) {
            assertThat(gradients(threads)).as(threads + " threads").isEqualTo(one);
        }
    }

    private static float[] gradients(int threads) {
        Gpt model = Gpt.initialized(new GptConfig(2, 2, 16, 13, 64, 0.1, 1e-5), 1);
        try (Kernels kernels = Kernels.simd(threads)) {
            Trainer trainer = new Trainer(model, kernels, ROWS, 1);
            trainer.gradients(0);
            trainer.gradients(1);
            return model.parameters().gradients().toArray();
        }
    }

    /// Dropped alike, both halves of a batch of equal rows would have the same gradients.
    @Test
    void slicesHaveDropoutMasksOfTheirOwn() {
        BatchSource equalRows = new BatchSource() {
            @Override
            public int batch() {
                return 12;
            }

            @Override
            public int context() {
                return 64;
            }

            @Override
            public void fill(long step, int replica, int replicas, IntTensor ids, IntTensor targets) {
                Arrays.setAll(ids.array(), i -> i % 64 % 13);
                Arrays.setAll(targets.array(), i -> i % 64 % 7);
            }
        };
        Gpt model = Gpt.initialized(new GptConfig(1, 2, 16, 13, 64, 0.5, 1e-5), 1);
        try (Kernels kernels = Kernels.simd(1)) {
            Trainer trainer = new Trainer(model, kernels, equalRows, 1);
            trainer.gradients(0);
            assertThat(trainer.sliceLoss(0)).isNotEqualTo(trainer.sliceLoss(1));
        }
    }

    @Test
    void trainersThatTakeTurnsGiveTheBitsOfTrainersAloneInTheMemoryOfOne() {
        GptConfig shape = new GptConfig(2, 2, 16, 13, 64, 0.1, 1e-5);
        try (Kernels kernels = Kernels.simd(2)) {
            for (boolean recompute : new boolean[] {false, true}) {
                Trainer first = new Trainer(Gpt.initialized(shape, 0), kernels, ROWS, 0, 1, 1, recompute);
                first.gradients(0);
                long bytes = first.activationBytes();
                List<Trainer> together = List.of(
                        first, new Trainer(Gpt.initialized(shape, 1), first, 0), new Trainer(Gpt.initialized(shape, 2), first, 0));
                List<Trainer> alone = IntStream.range(0, 3)
                        .mapToObj(m -> new Trainer(Gpt.initialized(shape, m), kernels, ROWS, 0, 1, 1, recompute)).toList();
                for (int step = 0; step < 3; step++) {
                    for (int m = 0; m < 3; m++) {
                        assertThat(together.get(m).gradients(step)).isEqualTo(alone.get(m).gradients(step));
                        assertThat(gradients(together.get(m))).isEqualTo(gradients(alone.get(m)));
                    }
                }
                assertThat(first.activationBytes()).isEqualTo(bytes);
            }
            Gpt other = Gpt.initialized(SHAPE, 1);
            Trainer dropping = new Trainer(Gpt.initialized(shape, 0), kernels, ROWS, 1);
            assertThatThrownBy(() -> new Trainer(other, dropping, 0)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("cannot take turns");
        }
    }

    private static float[] gradients(Trainer trainer) {
        return trainer.model().parameters().gradients().toArray();
    }
}
