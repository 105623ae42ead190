package tributary.autograd;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tributary.autograd.op.Add;
import tributary.autograd.op.CausalAttention;
import tributary.autograd.op.CrossEntropy;
import tributary.autograd.op.Dropout;
import tributary.autograd.op.Embedding;
import tributary.autograd.op.HeadCrossEntropy;
import tributary.autograd.op.LayerNorm;
import tributary.autograd.op.Linear;
import tributary.autograd.op.MatMul;
import tributary.autograd.op.Op;
import tributary.autograd.op.PackedCausalAttention;
import tributary.autograd.op.Perceptron;
import tributary.autograd.op.Reshape;
import tributary.autograd.op.RmsNorm;
import tributary.autograd.op.Rope;
import tributary.autograd.op.Sum;
import tributary.autograd.op.Transpose;
import tributary.tensor.IntTensor;
import tributary.tensor.Tensor;

/// What does not fit is refused where it is written down, with the facts.
class RefusalTest {

    static Stream<Arguments> operations() {
        return Stream.of(
                op("shapes (2, 3) and (2) do not broadcast", () -> new Add(v(2, 3), v(2))),
                op("matmul: a (2, 3) and b (2, 3) do not fit", () -> new MatMul(v(2, 3), v(2, 3))),
                op("matmul: a (5, 2, 3) and b (4, 3, 2) do not fit", () -> new MatMul(v(5, 2, 3), v(4, 3, 2))),
                op("linear: weight (4, 5) (in, out) does not match the last axis of x (2, 3)", () -> linear(v(4, 5), false, null)),
                op("linear: weight (3, 5) (out, in) does not match the last axis of x (2, 3)", () -> linear(v(3, 5), true, null)),
                op("linear: bias (3) is not (5)", () -> linear(v(3, 5), false, v(3))),
                op("linear: residual (2, 3) is not (2, 5)", () -> new Linear(v(2, 3), v(3, 5), false, null, v(2, 3))),
                op("perceptron: weights (3, 5) (in, hidden) and (4, 3) (hidden, out)",
                        () -> new Perceptron(v(2, 3), v(3, 5), v(5), v(4, 3), v(3), null)),
                op("perceptron: biases (5) and (5) are not (5) and (3)",
                        () -> new Perceptron(v(2, 3), v(3, 5), v(5), v(5, 3), v(5), null)),
                op("perceptron: residual (3) is not (2, 3)", () -> new Perceptron(v(2, 3), v(3, 5), v(5), v(5, 3), v(3), v(3))),
                op("layerNorm: weight (2) or bias (3) does not match the last axis", () -> new LayerNorm(v(2, 3), v(2), v(3), 1)),
                op("layerNorm: one of weight and bias is a constant", () -> new LayerNorm(v(2, 3), constant(3), v(3), 1)),
                op("rmsNorm: weight (2) does not match the last axis of x (2, 3)", () -> new RmsNorm(v(2, 3), v(2), 1)),
                op("sum: x (2, 3) has no axis 2", () -> new Sum(v(2, 3), 2)),
                op("sum: x (2, 3) has no axis -3", () -> new Sum(v(2, 3), -3)),
                op("transpose: x (2, 3) has no axes 0 and 2", () -> new Transpose(v(2, 3), 0, 2)),
                op("reshape: (2, 3) has 6 elements, (4) has 4", () -> new Reshape(v(2, 3), 4)),
                op("dropout: p 1.0 is not in [0, 1)", () -> new Dropout(v(2), 1, () -> 0)),
                op("dropout: p NaN is not in [0, 1)", () -> new Dropout(v(2), Float.NaN, () -> 0)),
                op("embedding: weight (2) is not (V, C)", () -> new Embedding(v(2), IntTensor.zeros(1))),
                op("rope: x (2, 3) is not (..., T, hs) with an even head size", () -> new Rope(v(2, 3), 10)),
                op("rope: base 0.0 is not positive", () -> new Rope(v(2, 4), 0)),
                op("attention: q (1, 3, 4, 8), k (1, 2, 4, 8)", () -> new CausalAttention(v(1, 3, 4, 8), v(1, 2, 4, 8), v(1, 2, 4, 8))),
                op("attention: q (4, 8), k (4, 8)", () -> new CausalAttention(v(4, 8), v(4, 8), v(4, 8))),
                op("attention: qkv (1, 4, 10) is not (B, T, (nh + 2 kv) hs)", () -> new PackedCausalAttention(v(1, 4, 10), 2, 2)),
                op("attention: 3 query heads do not divide into 2", () -> new PackedCausalAttention(v(1, 4, 14), 3, 2)),
                op("crossEntropy: targets (3) do not hold one id for each row of logits (2, 5)",
                        () -> new CrossEntropy(v(2, 5), IntTensor.zeros(3))),
                op("headCrossEntropy: weight (5, 4) (V, C) does not match the last axis of x (2, 3)",
                        () -> new HeadCrossEntropy(v(2, 3), v(5, 4), IntTensor.zeros(2))),
                op("headCrossEntropy: targets (3) do not hold one id for each row of x (2, 4)",
                        () -> new HeadCrossEntropy(v(2, 4), v(5, 4), IntTensor.zeros(3))),
                op("headCrossEntropy: a chunk of 0 rows",
                        () -> new HeadCrossEntropy(v(2, 4), v(5, 4), IntTensor.zeros(2), -100, 0)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("operations")
    void operationsRefuse(String message, Supplier<Op> op) {
        assertThatThrownBy(op::get).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(message);
    }

    private static Arguments op(String message, Supplier<Op> op) {
        return Arguments.of(message, op);
    }

    private static Op linear(Variable weight, boolean transposed, @Nullable Variable bias) {
        return new Linear(v(2, 3), weight, transposed, bias);
    }

    private static Variable v(int... sizes) {
        return Variable.leaf(Tensor.zeros(sizes));
    }

    private static Variable constant(int... sizes) {
        return Variable.constant(Tensor.zeros(sizes));
    }
}
