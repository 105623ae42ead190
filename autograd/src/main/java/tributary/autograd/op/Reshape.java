package tributary.autograd.op;

import java.util.List;
import tributary.autograd.Variable;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// **Reshape**  y = the numbers of x under another shape: a view, no copy.
/// Shapes: x (...) -> y (sizes), of as many elements.
/// Gradient: dx = dy under the shape of x, handed over without a copy where x is an operation's output.
public final class Reshape implements Op {
    private final Variable x;
    private final Tensor view;

    public Reshape(Variable x, int... sizes) {
        this.x = x;
        this.view = x.value().reshape(sizes);
    }

    @Override
    public List<Variable> inputs() {
        return List.of(x);
    }

    @Override
    public Shape shape() {
        return view.shape();
    }

    @Override
    public Tensor view() {
        return view;
    }

    /// Nothing to compute: y is x.
    @Override
    public void forward(Kernels kernels, Tensor y) {}

    @Override
    public void backward(Kernels kernels, Variable y) {
        if (!x.takeOver(y)) {
            kernels.copy(y.gradient(), x.accumulate(), x.gradient());
        }
    }
}
