package tributary.autograd.op;

import tributary.autograd.Variable;
import tributary.tensor.Unary;

/// **Exponential**  y = e^x, element by element.
/// Shapes: x (...) -> y (...).
/// Gradient: dx = dy y.
public final class Exp extends ElementwiseUnary implements Op {

    public Exp(Variable x) {
        super(Unary.EXP, x);
    }
}
