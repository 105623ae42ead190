package tributary.autograd.op;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.autograd.Variable;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;
import tributary.tensor.Unary;
import tributary.tensor.Workspace;

/// **Perceptron with one hidden layer**  y = r + gelu(x W1 + b1) W2 + b2, over the last axis, gelu in its tanh form.
/// Shapes: x (..., in), up (in, hidden) and (hidden), down (hidden, out) and (out), residual r (..., out) or none -> y (..., out).
/// Gradient, with h = x W1 + b1 and a = gelu(h):  dW2 = a^T dy;  db2 = sum over rows of dy;  dh = gelu'(h) (dy W2^T);
/// dW1 = x^T dh;  db1 = sum over rows of dh;  dx = dh W1^T;  dr = dy.
///
/// To the bits what [Linear], [Gelu] and [Linear] give one after the other, with fewer passes over the hidden layer: gelu and
/// its derivative are taken while a product's numbers are in the cache, and dh is written over a, which nothing reads any more.
public final class Perceptron implements Op {
    private final Variable x;
    private final Variable up;
    private final Variable upBias;
    private final Variable down;
    private final Variable downBias;
    private final @Nullable Variable residual;
    private final int width;
    private final Shape shape;
    private @Nullable Hidden hidden;
    private boolean overwritten;

    /// The hidden layer before and after gelu: (R, hidden).
    private record Hidden(Tensor h, Tensor a) {}

    public Perceptron(Variable x, Variable up, Variable upBias, Variable down, Variable downBias, @Nullable Variable residual) {
        Shape rows = x.value().shape();
        Shape first = up.value().shape();
        Shape second = down.value().shape();
        if (first.rank() != 2 || second.rank() != 2 || first.size(0) != rows.last() || second.size(0) != first.size(1)) {
            throw new IllegalArgumentException("perceptron: weights " + first + " (in, hidden) and " + second
                    + " (hidden, out) do not fit to each other or to the last axis of x " + rows);
        }
        if (!upBias.value().shape().equals(Shape.of(first.size(1))) || !downBias.value().shape().equals(Shape.of(second.size(1)))) {
            throw new IllegalArgumentException("perceptron: biases " + upBias.value().shape() + " and " + downBias.value().shape()
                    + " are not (" + first.size(1) + ") and (" + second.size(1) + "), the outputs of their weights");
        }
        this.shape = rows.withLast(second.size(1));
        if (residual != null && !residual.value().shape().equals(shape)) {
            throw new IllegalArgumentException(
                    "perceptron: residual " + residual.value().shape() + " is not " + shape + ", the output's shape");
        }
        this.x = x;
        this.up = up;
        this.upBias = upBias;
        this.down = down;
        this.downBias = downBias;
        this.residual = residual;
        this.width = first.size(1);
    }

    @Override
    public List<Variable> inputs() {
        List<Variable> inputs = new ArrayList<>(List.of(x, up, upBias, down, downBias));
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
    public void reserve(Workspace workspace) {
        int rows = x.value().shape().rows();
        hidden = new Hidden(workspace.acquire(Shape.of(rows, width)), workspace.acquire(Shape.of(rows, width)));
    }

    @Override
    public void release(Workspace workspace) {
        Hidden buffers = hidden();
        workspace.release(buffers.h);
        workspace.release(buffers.a);
        hidden = null;
    }

    private Hidden hidden() {
        Hidden buffers = hidden;
        if (buffers == null) {
            throw new IllegalStateException("perceptron: not applied to a tape");
        }
        return buffers;
    }

    @Override
    public void forward(Kernels kernels, Tensor y) {
        Tensor h = hidden().h;
        Tensor a = hidden().a;
        kernels.matmulUnary(Unary.GELU_TANH, x.value().matrix(), false, up.value(), false, upBias.value(), h, a);
        overwritten = false;
        if (residual == null) {
            kernels.matmul(a, false, down.value(), false, downBias.value(), false, y.matrix());
        } else {
            kernels.matmulAdd(a, false, down.value(), false, downBias.value(), residual.value().matrix(), y.matrix());
        }
    }

    @Override
    public void backward(Kernels kernels, Variable y) {
        Tensor h = hidden().h;
        Tensor a = hidden().a;
        Tensor dy = y.gradient().matrix();
        if (downBias.needsGradient()) {
            sumRows(kernels, dy, downBias);
        }
        if (down.needsGradient()) {
            if (overwritten) { // a second backward pass
                kernels.unary(Unary.GELU_TANH, h, a);
            }
            kernels.matmul(a, true, dy, false, null, down.accumulate(), down.gradient());
        }
        if (up.needsGradient() || upBias.needsGradient() || x.needsGradient()) {
            Tensor dh = a;
            overwritten = true;
            kernels.matmulUnaryBackward(Unary.GELU_TANH, dy, false, down.value(), true, h, dh);
            if (upBias.needsGradient()) {
                sumRows(kernels, dh, upBias);
            }
            if (up.needsGradient()) {
                kernels.matmul(x.value().matrix(), true, dh, false, null, up.accumulate(), up.gradient());
            }
            if (x.needsGradient()) {
                kernels.matmul(dh, false, up.value(), true, null, x.accumulate(), x.gradient().matrix());
            }
        }
        if (residual != null) {
            residual.pass(kernels, y);
        }
    }

    private static void sumRows(Kernels kernels, Tensor rows, Variable bias) {
        kernels.sumAxis(rows, rows.shape().size(0), rows.shape().last(), 1f, bias.accumulate(), bias.gradient());
    }
}
