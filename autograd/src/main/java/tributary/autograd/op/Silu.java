package tributary.autograd.op;

import tributary.autograd.Variable;
import tributary.tensor.Unary;

/// **SiLU**  y = x s with s = sigmoid(x), element by element.   Elfwing et al. 2017, arXiv:1702.03118
/// Shapes: x (...) -> y (...).
/// Gradient: dx = dy (s + x s (1 - s)).
public final class Silu extends ElementwiseUnary implements Op {

    public Silu(Variable x) {
        super(Unary.SILU, x);
    }
}
