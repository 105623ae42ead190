package tributary.autograd.op;

import java.util.List;
import tributary.autograd.Variable;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// **Mean**  y = the mean of all n elements of x.
/// Shapes: x (...) -> y (), a scalar.
/// Gradient: dx = dy / n for every element.
public final class Mean implements Op {
    private final Variable x;
    private final int n;

    public Mean(Variable x) {
        this.x = x;
        this.n = x.value().elements();
    }

    @Override
    public List<Variable> inputs() {
        return List.of(x);
    }

    @Override
    public Shape shape() {
        return Shape.of();
    }

    @Override
    public void forward(Kernels kernels, Tensor y) {
        kernels.sumAxis(x.value(), n, 1, 1f / n, false, y);
    }

    @Override
    public void backward(Kernels kernels, Variable y) {
        kernels.broadcastAxis(y.gradient(), n, 1, 1f / n, x.accumulate(), x.gradient());
    }
}
