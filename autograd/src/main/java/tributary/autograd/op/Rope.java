package tributary.autograd.op;

import java.util.List;
import tributary.autograd.Variable;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// **Rotary position embedding**  at position t each pair (x_i, x_{i + hs/2}) turns by the angle t base^(-2i/hs).
/// Su et al. 2021, arXiv:2104.09864, with the two halves of a head as the pairs.
/// Shapes: x (..., T, hs) -> y (..., T, hs), hs even.
/// Gradient: dx = dy turned back by the same angles.
public final class Rope implements Op {
    private final Variable x;
    private final float base;

    /// @param base the longest wavelength is about 2 pi base positions; 10000 in the paper
    public Rope(Variable x, float base) {
        Shape shape = x.value().shape();
        if (shape.rank() < 2 || shape.last() % 2 != 0) {
            throw new IllegalArgumentException("rope: x " + shape + " is not (..., T, hs) with an even head size hs");
        }
        if (!(base > 0)) {
            throw new IllegalArgumentException("rope: base " + base + " is not positive");
        }
        this.x = x;
        this.base = base;
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
        kernels.rope(x.value(), base, false, false, y);
    }

    @Override
    public void backward(Kernels kernels, Variable y) {
        kernels.rope(y.gradient(), base, true, x.accumulate(), x.gradient());
    }
}
