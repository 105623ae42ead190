package tributary.autograd;

import java.util.List;
import java.util.Random;
import java.util.function.Function;
import tributary.autograd.op.Add;
import tributary.autograd.op.CausalAttention;
import tributary.autograd.op.CrossEntropy;
import tributary.autograd.op.Divide;
import tributary.autograd.op.Dropout;
import tributary.autograd.op.Embedding;
import tributary.autograd.op.Exp;
import tributary.autograd.op.Gelu;
import tributary.autograd.op.GeluErf;
import tributary.autograd.op.HeadCrossEntropy;
import tributary.autograd.op.LayerNorm;
import tributary.autograd.op.Linear;
import tributary.autograd.op.Log;
import tributary.autograd.op.LogSoftmax;
import tributary.autograd.op.MatMul;
import tributary.autograd.op.Mean;
import tributary.autograd.op.Multiply;
import tributary.autograd.op.Op;
import tributary.autograd.op.PackedCausalAttention;
import tributary.autograd.op.Perceptron;
import tributary.autograd.op.Relu;
import tributary.autograd.op.Reshape;
import tributary.autograd.op.RmsNorm;
import tributary.autograd.op.Rope;
import tributary.autograd.op.Sigmoid;
import tributary.autograd.op.Silu;
import tributary.autograd.op.Softmax;
import tributary.autograd.op.Subtract;
import tributary.autograd.op.Sum;
import tributary.autograd.op.Tanh;
import tributary.autograd.op.Transpose;
import tributary.tensor.IntTensor;
import tributary.tensor.Tensor;

/// The registry of the gradient check: at least one sample of every operation, a line each. Small ones are checked element
/// by element, large ones along one direction.
final class Samples {

    /// One operation on inputs of given shapes.
    ///
    /// @param op makes the operation on its inputs
    /// @param low the values of the inputs are drawn from [low, high], and none is nearer than 0.2 to zero, so that no
    ///     difference steps over the kink of ReLU or the pole of a quotient
    record Sample(String name, Class<? extends Op> type, Function<Variable[], Op> op, double low, double high, List<int[]> shapes) {

        /// Multiples of 2^-10, so that a difference of 2^-4 or 2^-3 is exact in float32.
        Tensor[] draw() {
            Random random = new Random(name.hashCode());
            Tensor[] values = new Tensor[shapes.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = Tensor.zeros(shapes.get(i));
                for (int j = 0; j < values[i].elements(); j++) {
                    double value = low + (high - low) * random.nextDouble();
                    value = Math.copySign(Math.max(0.2, Math.abs(value)), value);
                    values[i].set(j, Math.round(value * 1024) / 1024f);
                }
            }
            return values;
        }

        int elements() {
            return shapes.stream().mapToInt(sizes -> Tensor.zeros(sizes).elements()).sum();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static final IntTensor TARGETS = IntTensor.of(new int[] {4, 0, -100, 2, 4, 1}, 2, 3);
    private static final IntTensor IDS = IntTensor.of(new int[] {2, 0, 2, 3, 2, 0}, 2, 3);

    static final List<Sample> ALL = List.of(
            sample("same shapes", Add.class, v -> new Add(v[0], v[1]), s(3, 4), s(3, 4)),
            sample("broadcast", Add.class, v -> new Add(v[0], v[1]), s(4, 1, 3), s(2, 3)),
            sample("bias", Add.class, v -> new Add(v[0], v[1]), s(9, 31, 65), s(65)),
            sample("same shapes", Subtract.class, v -> new Subtract(v[0], v[1]), s(3, 4), s(3, 4)),
            sample("broadcast", Subtract.class, v -> new Subtract(v[0], v[1]), s(3), s(4, 1, 3)),
            sample("same shapes", Multiply.class, v -> new Multiply(v[0], v[1]), s(3, 4), s(3, 4)),
            sample("broadcast", Multiply.class, v -> new Multiply(v[0], v[1]), s(5, 7), s(7)),
            sample("large", Multiply.class, v -> new Multiply(v[0], v[1]), s(64, 207), s(64, 207)),
            sample("same shapes", Divide.class, v -> new Divide(v[0], v[1]), 1.5, 3, s(3, 4), s(3, 4)),
            sample("broadcast", Divide.class, v -> new Divide(v[0], v[1]), 1.5, 3, s(3, 1), s(2, 1, 4)),
            sample("small", Exp.class, v -> new Exp(v[0]), s(3, 7)),
            sample("small", Log.class, v -> new Log(v[0]), 1.5, 4, s(3, 7)),
            sample("small", Tanh.class, v -> new Tanh(v[0]), s(3, 7)),
            sample("small", Sigmoid.class, v -> new Sigmoid(v[0]), s(3, 7)),
            sample("small", Relu.class, v -> new Relu(v[0]), s(3, 7)),
            sample("small", Silu.class, v -> new Silu(v[0]), s(3, 7)),
            sample("small", Gelu.class, v -> new Gelu(v[0]), s(3, 7)),
            sample("large", Gelu.class, v -> new Gelu(v[0]), s(65, 207)),
            sample("small", GeluErf.class, v -> new GeluErf(v[0]), s(3, 7)),
            sample("half", Dropout.class, v -> new Dropout(v[0], 0.5f, () -> 42), s(5, 7)),
            sample("nothing", Dropout.class, v -> new Dropout(v[0], 0, () -> 42), s(5, 7)),
            sample("first axis", Sum.class, v -> new Sum(v[0], 0), s(3, 4, 5)),
            sample("middle axis", Sum.class, v -> new Sum(v[0], 1), s(3, 4, 5)),
            sample("last axis", Sum.class, v -> new Sum(v[0], -1), s(3, 4, 5)),
            sample("small", Mean.class, v -> new Mean(v[0]), s(3, 4)),
            sample("neighbours", Transpose.class, v -> new Transpose(v[0], 1, 2), s(2, 3, 4, 2)),
            sample("first and last", Transpose.class, v -> new Transpose(v[0], 0, -1), s(2, 3, 4)),
            sample("small", Reshape.class, v -> new Reshape(v[0], 3, 2, 2), s(4, 3)),
            sample("matrices", MatMul.class, v -> new MatMul(v[0], v[1]), s(3, 4), s(4, 5)),
            sample("batched", MatMul.class, v -> new MatMul(v[0], v[1]), s(2, 2, 3, 4), s(2, 2, 4, 3)),
            sample("large", MatMul.class, v -> new MatMul(v[0], v[1]), s(65, 31), s(31, 70)),
            sample("bias", Linear.class, v -> new Linear(v[0], v[1], false, v[2]), s(2, 3, 4), s(4, 5), s(5)),
            sample("transposed", Linear.class, v -> new Linear(v[0], v[1], true, null), s(3, 4), s(5, 4)),
            sample("large", Linear.class, v -> new Linear(v[0], v[1], false, v[2]), s(4, 17, 33), s(33, 65), s(65)),
            sample("residual", Linear.class, v -> new Linear(v[0], v[1], false, null, v[2]), s(2, 3, 4), s(4, 5), s(2, 3, 5)),
            sample("onto itself", Linear.class, v -> new Linear(v[0], v[1], false, v[2], v[0]), s(3, 4), s(4, 4), s(4)),
            sample("small", Perceptron.class, v -> new Perceptron(v[0], v[1], v[2], v[3], v[4], null),
                    s(2, 3, 4), s(4, 5), s(5), s(5, 3), s(3)),
            sample("residual", Perceptron.class, v -> new Perceptron(v[0], v[1], v[2], v[3], v[4], v[5]),
                    s(3, 4), s(4, 5), s(5), s(5, 3), s(3), s(3, 3)),
            sample("large", Perceptron.class, v -> new Perceptron(v[0], v[1], v[2], v[3], v[4], v[0]),
                    s(4, 17, 2), s(2, 70), s(70), s(70, 2), s(2)),
            sample("small", Softmax.class, v -> new Softmax(v[0]), s(3, 7)),
            sample("small", LogSoftmax.class, v -> new LogSoftmax(v[0]), s(3, 7)),
            sample("small", LayerNorm.class, v -> new LayerNorm(v[0], v[1], v[2], 1e-5f), s(2, 3, 7), s(7), s(7)),
            sample("large", LayerNorm.class, v -> new LayerNorm(v[0], v[1], v[2], 1e-5f), s(70, 65), s(65), s(65)),
            sample("small", RmsNorm.class, v -> new RmsNorm(v[0], v[1], 1e-6f), s(2, 3, 7), s(7)),
            sample("large", RmsNorm.class, v -> new RmsNorm(v[0], v[1], 1e-6f), s(70, 65), s(65)),
            sample("repeated ids", Embedding.class, v -> new Embedding(v[0], IDS), s(5, 3)),
            sample("small", Rope.class, v -> new Rope(v[0], 100), s(2, 3, 6)),
            sample("plain", CausalAttention.class, Samples::attention, s(1, 2, 4, 3), s(1, 2, 4, 3), s(1, 2, 4, 3)),
            sample("grouped", CausalAttention.class, Samples::attention, s(2, 4, 3, 2), s(2, 2, 3, 2), s(2, 2, 3, 2)),
            sample("one variable", CausalAttention.class, v -> new CausalAttention(v[0], v[0], v[0]), s(1, 2, 4, 3)),
            sample("large", CausalAttention.class, Samples::attention, s(2, 3, 37, 16), s(2, 3, 37, 16), s(2, 3, 37, 16)),
            sample("plain", PackedCausalAttention.class, v -> new PackedCausalAttention(v[0], 2, 2), s(2, 3, 12)),
            sample("grouped", PackedCausalAttention.class, v -> new PackedCausalAttention(v[0], 4, 2), s(1, 4, 24)),
            sample("large", PackedCausalAttention.class, v -> new PackedCausalAttention(v[0], 3, 3), s(2, 37, 144)),
            sample("ignored target", CrossEntropy.class, v -> new CrossEntropy(v[0], TARGETS), s(2, 3, 5)),
            sample("one chunk", HeadCrossEntropy.class, v -> new HeadCrossEntropy(v[0], v[1], TARGETS), s(2, 3, 4), s(5, 4)),
            sample("chunks", HeadCrossEntropy.class, v -> new HeadCrossEntropy(v[0], v[1], TARGETS, -100, 4), s(6, 4), s(5, 4)));

    private Samples() {}

    private static Op attention(Variable[] v) {
        return new CausalAttention(v[0], v[1], v[2]);
    }

    private static int[] s(int... sizes) {
        return sizes;
    }

    private static Sample sample(String form, Class<? extends Op> type, Function<Variable[], Op> op, int[]... shapes) {
        return sample(form, type, op, -1.5, 1.5, shapes);
    }

    private static Sample sample(
            String form, Class<? extends Op> type, Function<Variable[], Op> op, double low, double high, int[]... shapes) {
        return new Sample(type.getSimpleName() + ", " + form, type, op, low, high, List.of(shapes));
    }
}
