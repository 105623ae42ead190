package tributary.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tributary.autograd.Samples.Sample;
import tributary.autograd.op.Add;
import tributary.autograd.op.LayerNorm;
import tributary.autograd.op.Mean;
import tributary.autograd.op.Multiply;
import tributary.autograd.op.Op;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// Every operation's gradient against differences of its value.
///
/// The loss is mean(w y) with random w, added in float64; y comes from the reference kernels, rounded once to float32.
/// The difference is the five-point one, (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h, with h = 2^-4: its own error is
/// h^4 / 30 of the fifth derivative, about 5e-7, and the rounding of y adds about as much, so a tolerance of 1e-4 of the
/// largest entry is wide for the method and narrow for a wrong formula.
class GradientTest {
    private static final float H = 0x1p-4f;
    private static final double TOLERANCE = 1e-4;
    private static final int ELEMENT_BY_ELEMENT = 100;

    private static final Kernels REFERENCE = Kernels.reference();
    private static final Kernels SIMD = Kernels.simd(2);

    @AfterAll
    static void close() {
        SIMD.close();
    }

    static Stream<Arguments> cases() {
        return Samples.ALL.stream().flatMap(sample -> Stream.of(
                Arguments.of(sample, Named.of("reference", REFERENCE)), Arguments.of(sample, Named.of("simd", SIMD))));
    }

    @Test
    void everyOperationHasASample() {
        Set<Class<?>> sampled = Samples.ALL.stream().map(Sample::type).collect(Collectors.toSet());
        assertThat(sampled).containsExactlyInAnyOrder(Op.class.getPermittedSubclasses());
        assertThat(Samples.ALL.stream().map(Sample::name)).doesNotHaveDuplicates();
    }

    @ParameterizedTest(name = "{0}: {1}", autoCloseArguments = false)
    @MethodSource("cases")
    void gradientIsTheSlope(Sample sample, Kernels kernels) {
        Tensor[] values = sample.draw();
        Tensor[] gradients = gradients(sample, kernels, values);
        Slope slope = new Slope(sample, values);

        if (sample.elements() <= ELEMENT_BY_ELEMENT) {
            for (int i = 0; i < values.length; i++) {
                double[] numeric = new double[values[i].elements()];
                double largest = 0;
                for (int j = 0; j < numeric.length; j++) {
                    numeric[j] = slope.along(i, j);
                    largest = Math.max(largest, Math.abs(numeric[j]));
                }
                assertThat(largest).as("some slope of input %d", i).isPositive();
                for (int j = 0; j < numeric.length; j++) {
                    assertThat((double) gradients[i].get(j)).as("input %d, element %d", i, j)
                            .isCloseTo(numeric[j], within(TOLERANCE * largest));
                }
            }
        }
        double dot = 0;
        double squares = 0;
        Tensor[] direction = signs(sample);
        for (int i = 0; i < values.length; i++) {
            for (int j = 0; j < values[i].elements(); j++) {
                dot += (double) gradients[i].get(j) * direction[i].get(j);
                squares += (double) gradients[i].get(j) * gradients[i].get(j);
            }
        }
        assertThat(dot).as("along a random direction").isCloseTo(slope.along(direction), within(3 * TOLERANCE * Math.sqrt(squares)));
    }

    @ParameterizedTest(name = "{0}: {1}", autoCloseArguments = false)
    @MethodSource("cases")
    void twoUsesOfALeafAddUp(Sample sample, Kernels kernels) {
        Tensor[] values = sample.draw();
        Tensor[] once = gradients(sample, kernels, values);
        Variable[] leaves = leaves(values);
        Tape tape = new Tape(kernels);
        Variable first = tape.apply(sample.op().apply(leaves));
        Variable second = tape.apply(sample.op().apply(leaves));
        tape.backward(loss(tape, sample, tape.apply(new Add(first, second))));
        for (int i = 0; i < values.length; i++) {
            assertThat(leaves[i].gradient().toArray()).as("input %d", i)
                    .containsExactly(times(2, once[i]), within((float) (1e-6 * largest(once[i]))));
        }
    }

    @ParameterizedTest(name = "{0}: {1}", autoCloseArguments = false)
    @MethodSource("cases")
    void outputsPassTheSameGradientOn(Sample sample, Kernels kernels) {
        Tensor[] values = sample.draw();
        Tensor[] direct = gradients(sample, kernels, values);
        Variable[] leaves = leaves(values);
        Tape tape = new Tape(kernels);
        Variable[] outputs = new Variable[leaves.length];
        Variable one = Variable.constant(Tensor.of(new float[] {1}, 1));
        for (int i = 0; i < leaves.length; i++) {
            outputs[i] = tape.apply(new Multiply(leaves[i], one));
        }
        tape.backward(loss(tape, sample, tape.apply(sample.op().apply(outputs))));
        for (int i = 0; i < values.length; i++) {
            // times(1, ...) turns -0 into 0: a product's gradient is a sum that starts from 0.
            assertThat(times(1, leaves[i].gradient())).as("input %d", i).isEqualTo(times(1, direct[i]));
        }
    }

    @ParameterizedTest(name = "{0}: {1}", autoCloseArguments = false)
    @MethodSource("cases")
    void inputsThatAreConstantsChangeNoOtherGradient(Sample sample, Kernels kernels) {
        Tensor[] values = sample.draw();
        Tensor[] all = gradients(sample, kernels, values);
        for (int subset = 1; subset < 1 << values.length; subset++) {
            boolean parametersDiffer = (subset >> 1 & 1) != (subset >> 2 & 1);
            if (sample.type() == LayerNorm.class && parametersDiffer) {
                continue; // refused: weight and bias go together
            }
            Variable[] inputs = new Variable[values.length];
            for (int i = 0; i < values.length; i++) {
                inputs[i] = (subset >> i & 1) == 1 ? leaf(values[i]) : Variable.constant(values[i]);
            }
            Tape tape = new Tape(kernels);
            tape.backward(loss(tape, sample, tape.apply(sample.op().apply(inputs))));
            for (int i = 0; i < values.length; i++) {
                if (inputs[i].needsGradient()) {
                    assertThat(inputs[i].gradient().toArray()).as("input %d of subset %d", i, subset).isEqualTo(all[i].toArray());
                }
            }
        }
    }

    private static Tensor[] gradients(Sample sample, Kernels kernels, Tensor[] values) {
        Variable[] leaves = leaves(values);
        Tape tape = new Tape(kernels);
        tape.backward(loss(tape, sample, tape.apply(sample.op().apply(leaves))));
        Tensor[] gradients = new Tensor[leaves.length];
        for (int i = 0; i < leaves.length; i++) {
            gradients[i] = leaves[i].gradient();
        }
        return gradients;
    }

    private static Variable loss(Tape tape, Sample sample, Variable y) {
        return tape.apply(new Mean(tape.apply(new Multiply(y, Variable.constant(weights(sample, y.value()))))));
    }

    private static Tensor weights(Sample sample, Tensor y) {
        Random random = new Random(sample.name().length());
        Tensor weights = Tensor.zeros(y.shape());
        for (int i = 0; i < weights.elements(); i++) {
            weights.set(i, (float) (0.5 + random.nextDouble()) * (random.nextBoolean() ? 1 : -1));
        }
        return weights;
    }

    private static Variable[] leaves(Tensor[] values) {
        Variable[] leaves = new Variable[values.length];
        for (int i = 0; i < values.length; i++) {
            leaves[i] = leaf(values[i]);
        }
        return leaves;
    }

    /// A leaf whose gradient's buffer holds NaN, which a backward pass must overwrite.
    private static Variable leaf(Tensor value) {
        Variable leaf = Variable.leaf(value);
        leaf.gradient().fill(Float.NaN);
        return leaf;
    }

    private static Tensor[] signs(Sample sample) {
        Random random = new Random(99);
        Tensor[] direction = sample.draw();
        for (Tensor part : direction) {
            for (int j = 0; j < part.elements(); j++) {
                part.set(j, random.nextBoolean() ? 1 : -1);
            }
        }
        return direction;
    }

    private static float[] times(float factor, Tensor tensor) {
        float[] product = tensor.toArray();
        for (int i = 0; i < product.length; i++) {
            product[i] = product[i] * factor + 0f;
        }
        return product;
    }

    private static double largest(Tensor tensor) {
        double largest = 0;
        for (float value : tensor.toArray()) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    /// Slopes of the loss of one sample, from values alone.
    private static final class Slope {
        private final Tensor[] values;
        private final Tensor weights;
        private final Variable y;
        private final Tape tape = Tape.withoutGradients(REFERENCE);

        Slope(Sample sample, Tensor[] values) {
            this.values = new Tensor[values.length];
            Variable[] constants = new Variable[values.length];
            for (int i = 0; i < values.length; i++) {
                this.values[i] = values[i].copy();
                constants[i] = Variable.constant(this.values[i]);
            }
            this.y = tape.apply(sample.op().apply(constants));
            this.weights = weights(sample, y.value());
        }

        double along(int input, int element) {
            Tensor[] direction = new Tensor[values.length];
            for (int i = 0; i < direction.length; i++) {
                direction[i] = Tensor.zeros(values[i].shape());
            }
            direction[input].set(element, 1);
            return along(direction);
        }

        double along(Tensor[] direction) {
            double near = loss(direction, H) - loss(direction, -H);
            double far = loss(direction, 2 * H) - loss(direction, -2 * H);
            return (8 * near - far) / (12 * H);
        }

        private double loss(Tensor[] direction, float step) {
            move(direction, step);
            tape.replay();
            double sum = 0;
            for (int i = 0; i < weights.elements(); i++) {
                sum += (double) weights.get(i) * y.value().get(i);
            }
            move(direction, -step); // only now: y may be a view
            return sum / weights.elements();
        }

        private void move(Tensor[] direction, float step) {
            for (int i = 0; i < values.length; i++) {
                for (int j = 0; j < values[i].elements(); j++) {
                    values[i].set(j, values[i].get(j) + step * direction[i].get(j)); // exact: multiples of 2^-10
                }
            }
        }
    }
}
