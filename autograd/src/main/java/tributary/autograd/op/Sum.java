package tributary.autograd.op;

import java.util.List;
import tributary.autograd.Variable;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// **Sum**  y = sum of x over one axis, which goes.
/// Shapes: x (outer..., length, inner...) -> y (outer..., inner...).
/// Gradient: dx = dy, repeated along the axis.
public final class Sum implements Op {
    private final Variable x;
    private final int length;
    private final int inner;
    private final Shape shape;

    /// @param axis negative counts from the end, so -1 is the last
    public Sum(Variable x, int axis) {
        Shape whole = x.value().shape();
        int index = axis < 0 ? axis + whole.rank() : axis;
        if (index < 0 || index >= whole.rank()) {
            throw new IllegalArgumentException("sum: x " + whole + " has no axis " + axis);
        }
        this.x = x;
        this.length = whole.size(index);
        this.inner = whole.elements(index + 1, whole.rank());
        this.shape = whole.without(index);
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
        kernels.sumAxis(x.value(), length, inner, 1f, false, y);
    }

    @Override
    public void backward(Kernels kernels, Variable y) {
        kernels.broadcastAxis(y.gradient(), length, inner, 1f, x.accumulate(), x.gradient());
    }
}
