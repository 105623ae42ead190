package tributary.autograd.op;

import tributary.autograd.Variable;
import tributary.tensor.Unary;

/// **Hyperbolic tangent**  y = tanh x, element by element.
/// Shapes: x (...) -> y (...).
/// Gradient: dx = dy (1 - y^2).
public final class Tanh extends ElementwiseUnary implements Op {

    public Tanh(Variable x) {
        super(Unary.TANH, x);
    }
}
