package tributary.autograd.op;

import java.util.List;
import tributary.autograd.Variable;
import tributary.tensor.Binary;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// **Addition**  y = a + b, under broadcasting.
/// Shapes: a and b broadcast to y (see [Shape#broadcast]).
/// Gradient: da = sum of dy over the axes a was repeated on;  db likewise.
public final class Add implements Op {
    private final Variable a;
    private final Variable b;
    private final Shape shape;

    public Add(Variable a, Variable b) {
        this.a = a;
        this.b = b;
        this.shape = Shape.broadcast(a.value().shape(), b.value().shape());
    }

    @Override
    public List<Variable> inputs() {
        return List.of(a, b);
    }

    @Override
    public Shape shape() {
        return shape;
    }

    @Override
    public void forward(Kernels kernels, Tensor y) {
        kernels.binary(Binary.ADD, a.value(), b.value(), y);
    }

    @Override
    public void backward(Kernels kernels, Variable y) {
        if (b.needsGradient()) {
            kernels.binaryBackwardSecond(Binary.ADD, a.value(), b.value(), y.gradient(), b.accumulate(), b.gradient());
        }
        if (a.needsGradient() && !(a.value().shape().equals(shape) && a.takeOver(y))) {
            kernels.binaryBackwardFirst(Binary.ADD, a.value(), b.value(), y.gradient(), a.accumulate(), a.gradient());
        }
    }
}
