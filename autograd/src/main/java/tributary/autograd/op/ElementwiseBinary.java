package tributary.autograd.op;

import java.util.List;
import tributary.autograd.Variable;
import tributary.tensor.Binary;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// What the functions of two numbers share: y = f(a, b) under broadcasting; da = sum of dy df/da over the axes a was
/// repeated on, db likewise.
abstract sealed class ElementwiseBinary permits Add, Subtract, Multiply, Divide {
    private final Binary f;
    private final Variable a;
    private final Variable b;
    private final Shape shape;

    ElementwiseBinary(Binary f, Variable a, Variable b) {
        this.f = f;
        this.a = a;
        this.b = b;
        this.shape = Shape.broadcast(a.value().shape(), b.value().shape());
    }

    public final List<Variable> inputs() {
        return List.of(a, b);
    }

    public final Shape shape() {
        return shape;
    }

    public final void forward(Kernels kernels, Tensor y) {
        kernels.binary(f, a.value(), b.value(), y);
    }

    public final void backward(Kernels kernels, Variable y) {
        if (b.needsGradient()) {
            kernels.binaryBackwardSecond(f, a.value(), b.value(), y.gradient(), b.accumulate(), b.gradient());
        }
        if (a.needsGradient() && !(firstGetsTheSameGradient() && a.takeOver(y))) {
            kernels.binaryBackwardFirst(f, a.value(), b.value(), y.gradient(), a.accumulate(), a.gradient());
        }
    }

    private boolean firstGetsTheSameGradient() {
        return (f == Binary.ADD || f == Binary.SUBTRACT) && a.value().shape().equals(shape);
    }
}
