package tributary.autograd.op;

import java.util.List;
import tributary.autograd.Variable;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// **Softmax**  y = e^x / sum e^x, over the last axis.
/// Shapes: x (..., C) -> y (..., C).
/// Gradient: dx = y (dy - sum(dy y)).
public final class Softmax implements Op {
    private final Variable x;

    public Softmax(Variable x) {
        this.x = x;
    }

    @Override
    public List<Variable> inputs() {
        return List.of(x);
    }

    @Override
    public Shape shape() {
        return x.value().shape();
    }

    @Override
    public void forward(Kernels kernels, Tensor y) {
        kernels.softmax(x.value(), y);
    }

    @Override
    public void backward(Kernels kernels, Variable y) {
        kernels.softmaxBackward(y.value(), y.gradient(), x.accumulate(), x.gradient());
    }
}
