package tributary.autograd.op;

import tributary.autograd.Variable;
import tributary.tensor.Unary;

/// **Sigmoid**  y = 1 / (1 + e^-x), element by element.
/// Shapes: x (...) -> y (...).
/// Gradient: dx = dy y (1 - y).
public final class Sigmoid extends ElementwiseUnary implements Op {

    public Sigmoid(Variable x) {
        super(Unary.SIGMOID, x);
    }
}
