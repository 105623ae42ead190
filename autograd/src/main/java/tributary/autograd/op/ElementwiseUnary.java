package tributary.autograd.op;

import java.util.List;
import tributary.autograd.Variable;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;
import tributary.tensor.Unary;

/// What the functions of one number share: y = f(x), dx = f'(x) dy.
abstract sealed class ElementwiseUnary permits Exp, Log, Tanh, Sigmoid, Relu, Silu, Gelu, GeluErf {
    private final Unary f;
    private final Variable x;

    ElementwiseUnary(Unary f, Variable x) {
        this.f = f;
        this.x = x;
    }

    public final List<Variable> inputs() {
        return List.of(x);
    }

    public final Shape shape() {
        return x.value().shape();
    }

    public final void forward(Kernels kernels, Tensor y) {
        kernels.unary(f, x.value(), y);
    }

    public final void backward(Kernels kernels, Variable y) {
        kernels.unaryBackward(f, x.value(), y.value(), y.gradient(), x.accumulate(), x.gradient());
    }
}
