package tributary.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import tributary.autograd.op.Add;
import tributary.autograd.op.CrossEntropy;
import tributary.autograd.op.Dropout;
import tributary.autograd.op.Exp;
import tributary.autograd.op.Mean;
import tributary.autograd.op.Multiply;
import tributary.autograd.op.Reshape;
import tributary.autograd.op.Tanh;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// Parts of a program whose inside is forgotten: the same bits in less memory.
class PartTest {
    private final Kernels kernels = Kernels.reference();

    @Test
    void recomputingGivesTheSameBits() {
        SmallTransformer model = new SmallTransformer();
        Tape keeping = new Tape(kernels);
        Tape recomputing = Tape.recomputing(kernels);
        Variable expectedLoss = model.loss(keeping);
        Variable loss = model.loss(recomputing);
        for (int batch = 2; batch < 6; batch++) {
            model.batch(batch);
            keeping.replayAndBackward(expectedLoss);
            float[] expected = model.gradients();
            model.parameters.gradients().fill(Float.NaN);
            recomputing.replayAndBackward(loss);
            assertThat(loss.value().item()).isEqualTo(expectedLoss.value().item());
            assertThat(model.gradients()).isEqualTo(expected);
            recomputing.backward(loss); // once more: now other numbers stand in the scratch buffers
            assertThat(model.gradients()).isEqualTo(expected);
        }
        assertThat(recomputing.allocatedBytes()).isLessThan(keeping.allocatedBytes());
    }

    @Test
    void allPartsTogetherTakeTheMemoryOfOneAndOfTheirResults() {
        int size = 1000;
        for (int parts : new int[] {2, 10}) {
            Variable x = Variable.leaf(filled(0.5f, size));
            Tape recomputing = Tape.recomputing(kernels);
            Tape evaluating = Tape.withoutGradients(kernels);
            for (Tape tape : new Tape[] {recomputing, evaluating}) {
                deep(tape, x, parts);
                assertThat(tape.allocatedBytes()).isEqualTo((parts + 4L) * size * Float.BYTES);
                tape.clear();
                deep(tape, x, parts);
                assertThat(tape.allocatedBytes()).as("recorded again").isEqualTo((parts + 4L) * size * Float.BYTES);
            }
        }
    }

    private static Variable deep(Tape tape, Variable x, int parts) {
        Variable y = x;
        for (int i = 0; i < parts; i++) {
            Variable in = y;
            y = tape.part(() -> {
                Variable inside = in;
                for (int j = 0; j < 4; j++) {
                    inside = tape.apply(new Tanh(inside));
                }
                return new Exp(inside);
            });
        }
        return y;
    }

    @Test
    void whatIsDroppedStaysDropped() {
        AtomicLong draws = new AtomicLong();
        Variable x = Variable.leaf(filled(1, 64));
        Tape tape = Tape.recomputing(kernels);
        Variable y = x;
        for (int i = 0; i < 2; i++) {
            Variable in = y;
            y = tape.part(() -> new Multiply(tape.apply(new Dropout(in, 0.5f, draws::incrementAndGet)), in));
        }
        Variable result = y;
        tape.backward(tape.apply(new Mean(y)));
        assertThat(draws.get()).isEqualTo(2);
        for (int i = 0; i < 64; i++) { // y = (2 x^2)^2 2 = 8 x^4 where nothing was dropped, else 0
            assertThat(x.gradient().get(i)).isEqualTo(result.value().get(i) * 4 / 64);
        }
    }

    @Test
    void resultsOutlastTheBackwardPass() {
        Variable x = Variable.leaf(filled(0.5f, 4));
        Tape tape = Tape.recomputing(kernels);
        Variable y = tape.part(() -> {
            Variable inner = tape.part(() -> new Tanh(x)); // no part of its own
            Variable square = tape.apply(new Multiply(inner, inner));
            return new Multiply(square, square);
        });
        Variable z = tape.part(() -> new Exp(tape.apply(new Add(y, y))));
        float[] first = y.value().toArray();
        float[] second = z.value().toArray();
        for (int pass = 0; pass < 3; pass++) {
            tape.backward(tape.apply(new Mean(z)));
            assertThat(y.value().toArray()).isEqualTo(first);
            assertThat(z.value().toArray()).isEqualTo(second);
            double t = Math.tanh(0.5);
            double slope = Math.exp(2 * Math.pow(t, 4)) * 8 * Math.pow(t, 3) * (1 - t * t) / 4;
            assertThat((double) x.gradient().get(2)).isCloseTo(slope, within(1e-7));
        }
    }

    @Test
    void aViewAtTheEndIsRefused() {
        Variable x = Variable.leaf(filled(0.5f, 4));
        Tape tape = Tape.recomputing(kernels);
        assertThatThrownBy(() -> tape.part(() -> new Reshape(tape.apply(new Tanh(x)), 2, 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("part: it ends in reshape, a view");
    }

    @Test
    void theInsideIsNotSeenOutside() {
        Variable x = Variable.leaf(filled(1, 2));
        for (Tape tape : new Tape[] {Tape.recomputing(kernels), Tape.withoutGradients(kernels)}) {
            Variable[] inside = new Variable[1];
            tape.part(() -> {
                inside[0] = tape.apply(new Exp(x));
                return new Tanh(inside[0]);
            });
            assertThatThrownBy(() -> tape.apply(new Exp(inside[0])))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("inside a part that has ended");
        }
    }

    @Test
    void anOperationThatRefusesEndsItsPart() {
        Variable x = Variable.leaf(filled(1, 2));
        Tape tape = Tape.recomputing(kernels);
        assertThatThrownBy(() -> tape.part(() -> new CrossEntropy(tape.apply(new Exp(x)), IntTensor.of(new int[] {5}, 1))))
                .isInstanceOf(IllegalArgumentException.class);
        Variable y = tape.part(() -> new Exp(x));
        tape.backward(tape.apply(new Mean(y)));
        assertThat(x.gradient().get(0)).isEqualTo((float) Math.E / 2);
    }

    private static Tensor filled(float value, int... sizes) {
        Tensor tensor = Tensor.zeros(sizes);
        tensor.fill(value);
        return tensor;
    }
}
