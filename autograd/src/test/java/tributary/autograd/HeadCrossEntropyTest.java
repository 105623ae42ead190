package tributary.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.autograd.op.CrossEntropy;
import tributary.autograd.op.HeadCrossEntropy;
import tributary.autograd.op.Linear;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// The fused head against the two operations it stands for.
class HeadCrossEntropyTest {
    private static final int ROWS = 250;
    private static final int WIDTH = 24;
    private static final int VOCABULARY = 301;

    private final Variable x = Variable.leaf(Tensor.zeros(2, ROWS / 2, WIDTH));
    private final Variable weight = Variable.leaf(Tensor.zeros(VOCABULARY, WIDTH));
    private final IntTensor targets = IntTensor.zeros(2, ROWS / 2);

    HeadCrossEntropyTest() {
        Random random = new Random(7);
        for (Tensor tensor : new Tensor[] {x.value(), weight.value()}) {
            for (int i = 0; i < tensor.elements(); i++) {
                tensor.set(i, (float) random.nextGaussian());
            }
        }
        for (int i = 0; i < ROWS; i++) {
            targets.array()[i] = i % 9 == 4 ? -100 : random.nextInt(VOCABULARY);
        }
    }

    private record Result(float loss, float[] losses, float[] dx, float[] dweight) {}

    private Result plain(Kernels kernels) {
        Tape tape = new Tape(kernels);
        CrossEntropy op = new CrossEntropy(tape.apply(new Linear(x, weight, true, null)), targets);
        Variable loss = tape.apply(op);
        tape.backward(loss);
        return new Result(loss.value().item(), op.losses().toArray(), x.gradient().toArray(), weight.gradient().toArray());
    }

    private Result fused(Kernels kernels, int chunkRows) {
        Tape tape = new Tape(kernels);
        HeadCrossEntropy op = new HeadCrossEntropy(x, weight, targets, -100, chunkRows);
        Variable loss = tape.apply(op);
        tape.replayAndBackward(loss);
        return new Result(loss.value().item(), op.losses().toArray(), x.gradient().toArray(), weight.gradient().toArray());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 96, 249, 1000})
    void itIsItsPlainComposition(int chunkRows) {
        for (Kernels kernels : new Kernels[] {Kernels.reference(), Kernels.simd(1)}) {
            try (kernels) {
                Result expected = plain(kernels);
                Result actual = fused(kernels, chunkRows);
                assertThat(actual.loss).isCloseTo(expected.loss, within(1e-6f * expected.loss));
                assertThat(actual.losses).containsExactly(expected.losses, within(1e-5f));
                assertThat(actual.dx).containsExactly(expected.dx, within(1e-7f));
                assertThat(actual.dweight).containsExactly(expected.dweight, within(1e-6f));
            }
        }
    }

    @Test
    void anyNumberOfThreadsGivesTheSameBits() {
        try (Kernels one = Kernels.simd(1); Kernels three = Kernels.simd(3)) {
            assertThat(fused(three, 96)).usingRecursiveComparison().isEqualTo(fused(one, 96));
        }
    }

    @Test
    void logitsOfAllRowsAreNeverHeld() {
        Tape tape = new Tape(Kernels.reference());
        tape.backward(tape.apply(new HeadCrossEntropy(x, weight, targets, -100, 25)));
        assertThat(tape.allocatedBytes()).isLessThan((25 * VOCABULARY + 2 * ROWS) * Float.BYTES);
    }

    @Test
    void aLargeVocabularyIsCutWithoutBeingAsked() {
        try (Kernels kernels = Kernels.simd(1)) {
            Tape tape = new Tape(kernels);
            Variable wide = Variable.constant(Tensor.zeros(400_000, 1));
            tape.apply(new HeadCrossEntropy(Variable.constant(Tensor.zeros(100, 1)), wide, IntTensor.zeros(100)));
            assertThat(tape.allocatedBytes()).as("50 of 100 rows").isLessThan(51L * 400_000 * Float.BYTES);
        }
    }

    @Test
    void nothingToCountIsNamed() {
        Tape tape = new Tape(Kernels.reference());
        IntTensor ignored = IntTensor.of(new int[] {-100, -100}, 2);
        Variable two = Variable.leaf(Tensor.zeros(2, WIDTH));
        assertThatThrownBy(() -> tape.apply(new HeadCrossEntropy(two, weight, ignored)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("all 2 targets are the ignored -100");
        assertThatThrownBy(new HeadCrossEntropy(two, weight, ignored)::losses)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("apply the operation to a tape first");
    }
}
