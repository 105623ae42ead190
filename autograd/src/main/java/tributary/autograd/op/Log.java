package tributary.autograd.op;

import tributary.autograd.Variable;
import tributary.tensor.Unary;

/// **Natural logarithm**  y = ln x, element by element.
/// Shapes: x (...) -> y (...).
/// Gradient: dx = dy / x.
public final class Log extends ElementwiseUnary implements Op {

    public Log(Variable x) {
        super(Unary.LOG, x);
    }
}
