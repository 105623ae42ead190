package tributary.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.autograd.op.Add;
import tributary.autograd.op.Gelu;
import tributary.autograd.op.Linear;
import tributary.autograd.op.Mean;
import tributary.autograd.op.Multiply;
import tributary.autograd.op.Perceptron;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// The fused operations give the bits of what they are made of.
class PerceptronTest {
    private final Variable[] inputs = Stream.of(
            new int[] {3, 50, 40}, new int[] {40, 300}, new int[] {300}, new int[] {300, 40}, new int[] {40}, new int[] {3, 50, 40})
            .map(sizes -> Variable.leaf(Tensor.zeros(sizes)))
            .toArray(Variable[]::new);
    private final Variable weights = Variable.constant(Tensor.zeros(3, 50, 40));

    PerceptronTest() {
        Random random = new Random(11);
        Stream.concat(Arrays.stream(inputs), Stream.of(weights)).map(Variable::value).forEach(tensor -> {
            for (int i = 0; i < tensor.elements(); i++) {
                tensor.set(i, (float) random.nextGaussian());
            }
        });
    }

    /// The value and all gradients; of a second backward pass too, which must give them again.
    private float[][] numbers(Kernels kernels, BiFunction<Tape, Variable[], Variable> body, boolean recomputing) {
        Tape tape = recomputing ? Tape.recomputing(kernels) : new Tape(kernels);
        Variable y = tape.part(() -> new Add(body.apply(tape, inputs), inputs[5]));
        Variable loss = tape.apply(new Mean(tape.apply(new Multiply(y, weights))));
        tape.backward(loss);
        float[][] first = numbers(y);
        tape.backward(loss);
        assertThat(numbers(y)).isDeepEqualTo(first);
        tape.replayAndBackward(loss);
        assertThat(numbers(y)).isDeepEqualTo(first);
        return first;
    }

    private float[][] numbers(Variable y) {
        return Stream.concat(Stream.of(y.value()), Arrays.stream(inputs).map(Variable::gradient)).map(Tensor::toArray)
                .toArray(float[][]::new);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theyAreTheirPlainCompositions(boolean recomputing) {
        BiFunction<Tape, Variable[], Variable> plain = (tape, v) -> {
            Variable hidden = tape.apply(new Gelu(tape.apply(new Linear(v[0], v[1], false, v[2]))));
            return tape.apply(new Add(v[5], tape.apply(new Linear(hidden, v[3], false, v[4]))));
        };
        BiFunction<Tape, Variable[], Variable> fused = (tape, v) -> tape.apply(new Perceptron(v[0], v[1], v[2], v[3], v[4], v[5]));
        BiFunction<Tape, Variable[], Variable> plainLinear = (tape, v) -> tape.apply(new Add(v[5],
                tape.apply(new Linear(tape.apply(new Linear(v[0], v[1], false, v[2])), v[3], false, v[4]))));
        BiFunction<Tape, Variable[], Variable> fusedLinear = (tape, v) -> tape
                .apply(new Linear(tape.apply(new Linear(v[0], v[1], false, v[2])), v[3], false, v[4], v[5]));
        for (Kernels kernels : new Kernels[] {Kernels.reference(), Kernels.simd(1), Kernels.simd(3)}) {
            try (kernels) {
                assertThat(numbers(kernels, fused, recomputing)).isDeepEqualTo(numbers(kernels, plain, false));
                assertThat(numbers(kernels, fusedLinear, recomputing)).isDeepEqualTo(numbers(kernels, plainLinear, false));
            }
        }
    }
}
