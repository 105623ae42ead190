package tributary.autograd.op;

import java.util.List;
import tributary.autograd.Variable;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// **Log-softmax**  y = x - ln sum e^x, over the last axis.
/// Shapes: x (..., C) -> y (..., C).
/// Gradient: dx = dy - e^y sum(dy).
public final class LogSoftmax implements Op {
    private final Variable x;

    public LogSoftmax(Variable x) {
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
        kernels.logSoftmax(x.value(), y);
    }

    @Override
    public void backward(Kernels kernels, Variable y) {
        kernels.logSoftmaxBackward(y.value(), y.gradient(), x.accumulate(), x.gradient());
    }
}
