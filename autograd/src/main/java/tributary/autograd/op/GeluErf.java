package tributary.autograd.op;

import tributary.autograd.Variable;
import tributary.tensor.Unary;

/// **GELU, exact form**  y = x Phi(x) with the normal distribution function Phi, element by element.
/// Hendrycks and Gimpel 2016, arXiv:1606.08415.
/// Shapes: x (...) -> y (...).
/// Gradient: dx = dy (Phi(x) + x phi(x)) with the normal density phi.
public final class GeluErf extends ElementwiseUnary implements Op {

    public GeluErf(Variable x) {
        super(Unary.GELU_ERF, x);
    }
}
