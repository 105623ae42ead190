package tributary.autograd.op;

import tributary.autograd.Variable;
import tributary.tensor.Binary;
import tributary.tensor.Shape;

/// **Division**  y = a / b, element by element, under broadcasting.
/// Shapes: a and b broadcast to y (see [Shape#broadcast]).
/// Gradient: da = sum of dy / b over the axes a was repeated on;  db = -sum of dy a / b^2 over those of b.
public final class Divide extends ElementwiseBinary implements Op {

    public Divide(Variable a, Variable b) {
        super(Binary.DIVIDE, a, b);
    }
}
