package tributary.autograd.op;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.autograd.Variable;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// **Linear**  y = x W + b, over the last axis; or y = x W^T + b where the weight is stored transposed; or, into a residual
/// stream r, y = r + x W + b.
/// Shapes: x (..., in), weight (in, out) or transposed (out, in), bias (out) or none, residual (..., out) or none -> y (..., out).
/// Gradient: dx = dy W^T;  dW = x^T dy;  db = sum over rows of dy;  dr = dy.
public final class Linear implements Op {
    private final Variable x;
    private final Variable weight;
    private final boolean transposed;
    private final @Nullable Variable bias;
    private final @Nullable Variable residual;
    private final Shape shape;

    /// @param transposed whether `weight` is (out, in), as PyTorch's `nn.Linear` and a tied head keep it
    public Linear(Variable x, Variable weight, boolean transposed, @Nullable Variable bias) {
        this(x, weight, transposed, bias, null);
    }

    /// @param transposed whether `weight` is (out, in), as PyTorch's `nn.Linear` and a tied head keep it
    /// @param residual what the product is added to
    public Linear(Variable x, Variable weight, boolean transposed, @Nullable Variable bias, @Nullable Variable residual) {
        Shape w = weight.value().shape();
        int in = x.value().shape().last();
        if (w.rank() != 2 || w.size(transposed ? 1 : 0) != in) {
            throw new IllegalArgumentException(
                    "linear: weight " + w + (transposed ? " (out, in)" : " (in, out)") + " does not match the last axis of x "
                            + x.value().shape());
        }
        int out = w.size(transposed ? 0 : 1);
        if (bias != null && !bias.value().shape().equals(Shape.of(out))) {
            throw new IllegalArgumentException(
                    "linear: bias " + bias.value().shape() + " is not (" + out + "), the outputs of weight " + w);
        }
        this.x = x;
        this.weight = weight;
        this.transposed = transposed;
        this.bias = bias;
        this.residual = residual;
        this.shape = x.value().shape().withLast(out);
        if (residual != null && !residual.value().shape().equals(shape)) {
            throw new IllegalArgumentException("linear: residual " + residual.value().shape() + " is not " + shape + ", the shape of x W");
        }
    }

    @Override
    public List<Variable> inputs() {
        List<Variable> inputs = new ArrayList<>(List.of(x, weight));
        if (bias != null) {
            inputs.add(bias);
        }
        if (residual != null) {
            inputs.add(residual);
        }
        return inputs;
    }

    @Override
    public Shape shape() {
        return shape;
    }

    @Override
    public void forward(Kernels kernels, Tensor y) {
        Tensor b = bias == null ? null : bias.value();
        if (residual == null) {
            kernels.matmul(x.value().matrix(), false, weight.value(), transposed, b, false, y.matrix());
        } else {
            kernels.matmulAdd(x.value().matrix(), false, weight.value(), transposed, b, residual.value().matrix(), y.matrix());
        }
    }

    @Override
    public void backward(Kernels kernels, Variable y) {
        Tensor dy = y.gradient().matrix();
        if (bias != null && bias.needsGradient()) {
            kernels.sumAxis(dy, dy.shape().size(0), dy.shape().last(), 1f, bias.accumulate(), bias.gradient());
        }
        if (weight.needsGradient()) {
            Tensor rows = x.value().matrix();
            Tensor left = transposed ? dy : rows; // (R, out) or (R, in)
            Tensor right = transposed ? rows : dy;
            kernels.matmul(left, true, right, false, null, weight.accumulate(), weight.gradient());
        }
        if (x.needsGradient()) {
            kernels.matmul(dy, false, weight.value(), !transposed, null, x.accumulate(), x.gradient().matrix());
        }
        if (residual != null) {
            residual.pass(kernels, y);
        }
    }
}
