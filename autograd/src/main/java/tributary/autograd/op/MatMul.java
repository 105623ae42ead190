package tributary.autograd.op;

import java.util.List;
import tributary.autograd.Variable;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// **Matrix product**  y = a b over equal leading axes.
/// Shapes: a (..., m, k), b (..., k, n) -> y (..., m, n).
/// Gradient: da = dy b^T;  db = a^T dy.
public final class MatMul implements Op {
    private final Variable a;
    private final Variable b;
    private final Shape shape;

    public MatMul(Variable a, Variable b) {
        Shape left = a.value().shape();
        Shape right = b.value().shape();
        if (left.rank() < 2 || left.rank() != right.rank() || left.size(-1) != right.size(-2) || !leadingEqual(left, right)) {
            throw new IllegalArgumentException("matmul: a " + left + " and b " + right + " do not fit; a (..., m, k) needs b (..., k, n)");
        }
        this.a = a;
        this.b = b;
        this.shape = left.withLast(right.last());
    }

    private static boolean leadingEqual(Shape left, Shape right) {
        for (int axis = 0; axis < left.rank() - 2; axis++) {
            if (left.size(axis) != right.size(axis)) {
                return false;
            }
        }
        return true;
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
        kernels.matmul(a.value(), false, b.value(), false, null, false, y);
    }

    @Override
    public void backward(Kernels kernels, Variable y) {
        if (a.needsGradient()) {
            kernels.matmul(y.gradient(), false, b.value(), true, null, a.accumulate(), a.gradient());
        }
        if (b.needsGradient()) {
            kernels.matmul(a.value(), true, y.gradient(), false, null, b.accumulate(), b.gradient());
        }
    }
}
