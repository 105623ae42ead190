package tributary.autograd.op;

import java.util.List;
import java.util.function.LongSupplier;
import tributary.autograd.Variable;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// **Dropout**  y = x / (1 - p) where an element is kept, 0 where it is dropped.   Srivastava et al. 2014
/// Shapes: x (...) -> y (...). Which elements are dropped is a pure function of (seed, index).
/// Gradient: dx = dy / (1 - p) where the element was kept, else 0.
public final class Dropout implements Op {
    private final Variable x;
    private final float p;
    private final LongSupplier seeds;
    private long seed;

    /// @param p the share dropped, 0 <= p < 1
    /// @param seeds asked once at each forward; the backward pass drops what the last forward dropped
    public Dropout(Variable x, float p, LongSupplier seeds) {
        if (!(p >= 0 && p < 1)) {
            throw new IllegalArgumentException("dropout: p " + p + " is not in [0, 1)");
        }
        this.x = x;
        this.p = p;
        this.seeds = seeds;
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
        seed = seeds.getAsLong();
        recompute(kernels, y);
    }

    @Override
    public void recompute(Kernels kernels, Tensor y) {
        kernels.dropout(x.value(), p, seed, false, y);
    }

    @Override
    public void backward(Kernels kernels, Variable y) {
        kernels.dropout(y.gradient(), p, seed, x.accumulate(), x.gradient());
    }
}
