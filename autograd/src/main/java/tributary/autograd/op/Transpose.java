package tributary.autograd.op;

import java.util.List;
import tributary.autograd.Variable;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// **Transpose**  y = x with two axes exchanged, as a copy.
/// Shapes: x (..., p, ..., q, ...) -> y (..., q, ..., p, ...).
/// Gradient: dx = dy with the same two axes exchanged.
public final class Transpose implements Op {
    private final Variable x;
    private final int axis1;
    private final int axis2;
    private final Shape shape;

    /// @param axis1 negative counts from the end, so -1 is the last; likewise `axis2`
    public Transpose(Variable x, int axis1, int axis2) {
        Shape from = x.value().shape();
        this.x = x;
        this.axis1 = axis1 < 0 ? axis1 + from.rank() : axis1;
        this.axis2 = axis2 < 0 ? axis2 + from.rank() : axis2;
        if (Math.min(this.axis1, this.axis2) < 0 || Math.max(this.axis1, this.axis2) >= from.rank()) {
            throw new IllegalArgumentException("transpose: x " + from + " has no axes " + axis1 + " and " + axis2);
        }
        this.shape = from.swapped(this.axis1, this.axis2);
    }

    @Override
    public List<Variable> inputs() {
        return List.of(x);
    }

    @Override
    public Shape shape() {
        return shape;
    }

    @Override
    public void forward(Kernels kernels, Tensor y) {
        kernels.transpose(x.value(), axis1, axis2, false, y);
    }

    @Override
    public void backward(Kernels kernels, Variable y) {
        kernels.transpose(y.gradient(), axis1, axis2, x.accumulate(), x.gradient());
    }
}
