package tributary.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tributary.autograd.op.Add;
import tributary.autograd.op.CrossEntropy;
import tributary.autograd.op.Exp;
import tributary.autograd.op.Mean;
import tributary.autograd.op.Multiply;
import tributary.autograd.op.Reshape;
import tributary.autograd.op.Sum;
import tributary.autograd.op.Tanh;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

class TapeTest {
    private final Kernels kernels = Kernels.reference();
    private final Tape tape = new Tape(kernels);

    @Test
    void replayGivesWhatAFreshRecordingGives() {
        SmallTransformer model = new SmallTransformer();
        Variable loss = model.loss(tape);
        tape.backward(loss);
        for (int batch = 2; batch < 5; batch++) {
            model.batch(batch);
            model.parameters.parameter("up.weight").value().set(3, 0.1f * batch);
            tape.replay();
            tape.backward(loss);
            float replayedLoss = loss.value().item();
            float[] replayed = model.gradients();
            Tape fresh = new Tape(kernels);
            Variable again = model.loss(fresh);
            fresh.backward(again);
            assertThat(replayedLoss).isEqualTo(again.value().item());
            assertThat(replayed).isEqualTo(model.gradients());
        }
    }

    /// Tapes that use the same buffers and take turns, each with a model of its own, give what tapes of their own give.
    @Test
    void tapesThatShareBuffersNeedNoMoreMemoryThanOne() {
        for (Tape shared : List.of(new Tape(kernels), Tape.recomputing(kernels))) {
            List<SmallTransformer> models = List.of(new SmallTransformer(), new SmallTransformer(), new SmallTransformer());
            List<Tape> tapes = new ArrayList<>();
            List<Variable> losses = new ArrayList<>();
            for (int m = 0; m < 3; m++) {
                models.get(m).parameters.parameter("up.weight").value().set(3, 0.1f * m);
                tapes.add(shared.sharingBuffers());
                losses.add(models.get(m).loss(tapes.get(m)));
                tapes.get(m).backward(losses.get(m));
            }
            for (int batch = 2; batch < 5; batch++) {
                for (int m = 0; m < 3; m++) {
                    models.get(m).batch(batch + m);
                    tapes.get(m).replayAndBackward(losses.get(m));
                    float[] together = models.get(m).gradients();
                    Tape alone = new Tape(kernels);
                    alone.backward(models.get(m).loss(alone));
                    assertThat(together).isEqualTo(models.get(m).gradients());
                }
            }
            Tape alone = new Tape(kernels);
            alone.backward(models.getFirst().loss(alone));
            assertThat(shared.allocatedBytes()).isPositive().isLessThanOrEqualTo(alone.allocatedBytes());
            assertThatThrownBy(shared::clear).isInstanceOf(IllegalStateException.class).hasMessageContaining("other tapes use");
        }
    }

    @Test
    void everyBackwardOverwritesWithTheSameBits() {
        SmallTransformer model = new SmallTransformer();
        Variable loss = model.loss(tape);
        tape.backward(loss);
        float[] first = model.gradients();
        for (int i = 0; i < 3; i++) {
            model.parameters.gradients().fill(Float.NaN);
            tape.backward(loss);
            assertThat(model.gradients()).isEqualTo(first);
        }
    }

    @Test
    void replayAndBackwardAtOnceGivesTheSameBits() {
        SmallTransformer model = new SmallTransformer();
        Variable loss = model.loss(tape);
        Variable perplexity = tape.apply(new Exp(loss));
        for (int batch = 2; batch < 5; batch++) {
            model.batch(batch);
            tape.replay();
            tape.backward(loss);
            float expectedLoss = loss.value().item();
            float expectedPerplexity = perplexity.value().item();
            float[] expected = model.gradients();
            model.parameters.gradients().fill(Float.NaN);
            Tape fresh = new Tape(kernels); // whose first backward pass is one of these
            for (Variable again : List.of(loss, model.loss(fresh))) {
                (again == loss ? tape : fresh).replayAndBackward(again);
                assertThat(again.value().item()).isEqualTo(expectedLoss);
                assertThat(model.gradients()).isEqualTo(expected);
            }
            assertThat(perplexity.value().item()).isEqualTo(expectedPerplexity);
        }
    }

    @Test
    void accumulateAddsToWhatIsThere() {
        SmallTransformer model = new SmallTransformer();
        Variable loss = model.loss(tape);
        tape.backward(loss);
        float[] once = model.gradients();
        tape.backward(loss, true);
        float[] twice = model.gradients();
        for (int i = 0; i < once.length; i++) {
            assertThat(twice[i]).isCloseTo(2 * once[i], within(1e-6f));
        }
    }

    @Test
    void aRecordingAfterClearUsesTheSameMemoryAndGivesTheSameGradients() {
        SmallTransformer model = new SmallTransformer();
        tape.backward(model.loss(tape));
        float[] first = model.gradients();
        long bytes = tape.allocatedBytes();
        assertThat(bytes).isPositive();
        for (int i = 0; i < 3; i++) {
            tape.clear();
            tape.backward(model.loss(tape));
            assertThat(model.gradients()).isEqualTo(first);
            assertThat(tape.allocatedBytes()).isEqualTo(bytes);
        }
    }

    @Test
    void outputsOfTheSameShapeShareTheirGradientsBuffers() {
        Variable x = Variable.leaf(filled(0.5f, 1000));
        Variable y = x;
        int operations = 50;
        for (int i = 0; i < operations; i++) {
            y = tape.apply(new Tanh(y));
        }
        Variable loss = tape.apply(new Mean(y));
        long values = tape.allocatedBytes();
        tape.backward(loss);
        assertThat(tape.allocatedBytes() - values).isLessThan(3 * 1000 * Float.BYTES);
    }

    @Test
    void oneTapeServesSeveralLosses() {
        // The first loss walks back through y alone, the second through z alone, the third through both.
        Variable x = Variable.leaf(filled(0.5f, 3));
        Variable y = tape.apply(new Tanh(tape.apply(new Exp(x))));
        Variable z = tape.apply(new Exp(tape.apply(new Tanh(x))));
        Variable first = tape.apply(new Mean(y));
        Variable second = tape.apply(new Mean(z));
        Variable both = tape.apply(new Mean(tape.apply(new Multiply(y, z))));
        double dy = (1 - Math.pow(Math.tanh(Math.exp(0.5)), 2)) * Math.exp(0.5);
        double dz = Math.exp(Math.tanh(0.5)) * (1 - Math.pow(Math.tanh(0.5), 2));
        double dBoth = dy * Math.exp(Math.tanh(0.5)) + dz * Math.tanh(Math.exp(0.5));
        for (int i = 0; i < 3; i++) {
            tape.backward(first);
            assertThat(x.gradient().get(i)).isCloseTo((float) (dy / 3), within(1e-7f));
            tape.backward(both);
            assertThat(x.gradient().get(i)).isCloseTo((float) (dBoth / 3), within(1e-6f));
            tape.backward(second);
            assertThat(x.gradient().get(i)).isCloseTo((float) (dz / 3), within(1e-7f));
        }
    }

    @Test
    void operationsRecordedAfterABackwardPassJoinTheNextOne() {
        Variable x = Variable.leaf(filled(2, 4));
        Variable y = tape.apply(new Multiply(x, x));
        Variable z = tape.apply(new Multiply(y, y));
        tape.backward(tape.apply(new Sum(z, 0)));
        assertThat(x.gradient().toArray()).containsOnly(4 * 8);
        // Buffers of gradients that were given back now hold values of new operations.
        Variable w = tape.apply(new Multiply(z, y));
        Variable v = tape.apply(new Multiply(w, x));
        tape.backward(tape.apply(new Sum(v, 0)));
        assertThat(x.gradient().toArray()).containsOnly(7 * 64);
        assertThat(w.value().toArray()).containsOnly(64);
        assertThat(v.value().toArray()).containsOnly(128);
    }

    @Test
    void residualStreamsViewsAndRepeatedUsesAddUp() {
        // y = x^2;  r = y as (2, 2);  s = r + r r;  t = s + s;  loss = sum(t) + sum(y) = sum(3 x^2 + 2 x^4).
        Variable x = Variable.leaf(Tensor.of(new float[] {1, 2, 3, 4}, 4));
        Variable y = tape.apply(new Multiply(x, x));
        Variable r = tape.apply(new Reshape(y, 2, 2));
        Variable s = tape.apply(new Add(r, tape.apply(new Multiply(r, r))));
        Variable t = tape.apply(new Reshape(tape.apply(new Add(s, s)), 4));
        Variable loss = tape.apply(new Sum(tape.apply(new Add(t, y)), 0));
        for (int pass = 0; pass < 3; pass++) {
            tape.backward(loss);
            assertThat(loss.value().item()).isEqualTo(3 * (1 + 4 + 9 + 16) + 2 * (1 + 16 + 81 + 256));
            assertThat(x.gradient().toArray()).containsExactly(6 + 8, 12 + 64, 18 + 216, 24 + 512);
            tape.replay();
        }
    }

    @Test
    void aLeafThatDoesNotLeadToTheLossGetsZeroOrKeepsItsSum() {
        Variable x = Variable.leaf(filled(1, 2));
        Variable idle = Variable.leaf(filled(1, 2));
        tape.apply(new Exp(idle));
        Variable loss = tape.apply(new Mean(x));
        idle.gradient().fill(Float.NaN);
        tape.backward(loss);
        assertThat(idle.gradient().toArray()).containsOnly(0);
        idle.gradient().fill(7);
        tape.backward(loss, true);
        assertThat(idle.gradient().toArray()).containsOnly(7);
    }

    @Test
    void constantsHaveNoGradient() {
        Variable x = Variable.leaf(filled(3, 2));
        Variable c = Variable.constant(filled(5, 2));
        Variable constantOutput = tape.apply(new Exp(c));
        tape.backward(tape.apply(new Mean(tape.apply(new Multiply(x, c)))));
        assertThat(x.gradient().toArray()).containsOnly(2.5f);
        assertThat(c.needsGradient()).isFalse();
        assertThat(constantOutput.needsGradient()).isFalse();
        assertThatThrownBy(c::gradient).isInstanceOf(IllegalStateException.class).hasMessageContaining("is a constant");
        assertThatThrownBy(constantOutput::gradient).isInstanceOf(IllegalStateException.class).hasMessageContaining("is a constant");
    }

    @Test
    void aTapeWithoutGradientsComputesTheSameValues() {
        SmallTransformer model = new SmallTransformer();
        Tape evaluation = Tape.withoutGradients(kernels);
        Variable loss = model.loss(evaluation);
        assertThat(loss.value().item()).isEqualTo(model.loss(tape).value().item());
        assertThat(loss.needsGradient()).isFalse();
        assertThatThrownBy(() -> evaluation.backward(loss))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("use new Tape(kernels)");
    }

    @Test
    void anOperationThatRefusesLeavesTheTapeAsItWas() {
        Variable logits = Variable.leaf(filled(0, 2, 3));
        Variable loss = tape.apply(new CrossEntropy(logits, IntTensor.of(new int[] {0, 1}, 2)));
        tape.backward(loss);
        IntTensor ignored = IntTensor.of(new int[] {-100, -100}, 2);
        assertThatThrownBy(() -> tape.apply(new CrossEntropy(logits, ignored)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("all 2 targets are the ignored -100");
        long bytes = tape.allocatedBytes();
        assertThatThrownBy(() -> tape.apply(new CrossEntropy(logits, ignored))).isInstanceOf(IllegalArgumentException.class);
        assertThat(tape.allocatedBytes()).isEqualTo(bytes);
        tape.replay();
        tape.backward(loss);
        assertThat(logits.gradient().get(0)).isCloseTo((1 / 3f - 1) / 2, within(1e-7f));
    }

    @Test
    void misuseIsNamed() {
        Variable x = Variable.leaf(filled(1, 2));
        Variable y = tape.apply(new Exp(x));
        Tape other = new Tape(kernels);
        assertThatThrownBy(() -> other.apply(new Tanh(y)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tanh: input (2) is not an output on this tape");
        Variable loss = tape.apply(new Mean(y));
        assertThatThrownBy(() -> other.backward(loss))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not an output on this tape");
        assertThatThrownBy(() -> tape.backward(x))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not an output on this tape");
        assertThatThrownBy(() -> tape.backward(y)).isInstanceOf(IllegalStateException.class).hasMessageContaining("the loss is (2)");
        Variable fixed = tape.apply(new Mean(Variable.constant(filled(1, 2))));
        assertThatThrownBy(() -> tape.backward(fixed)).isInstanceOf(IllegalStateException.class).hasMessageContaining("constants only");
        tape.clear();
        assertThatThrownBy(() -> tape.backward(loss))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("since its last clear");
        assertThatThrownBy(() -> tape.apply(new Tanh(y)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("since its last clear");
    }

    private static Tensor filled(float value, int... sizes) {
        Tensor tensor = Tensor.zeros(sizes);
        tensor.fill(value);
        return tensor;
    }
}
