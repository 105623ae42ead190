package tributary.autograd.op;

import tributary.autograd.Variable;
import tributary.tensor.Unary;

/// **ReLU**  y = max(x, 0), element by element.   Nair and Hinton 2010
/// Shapes: x (...) -> y (...).
/// Gradient: dx = dy where x > 0, else 0.
public final class Relu extends ElementwiseUnary implements Op {

    public Relu(Variable x) {
        super(Unary.RELU, x);
    }
}
