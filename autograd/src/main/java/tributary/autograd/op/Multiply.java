package tributary.autograd.op;

import tributary.autograd.Variable;
import tributary.tensor.Binary;
import tributary.tensor.Shape;

/// **Multiplication**  y = a b, element by element, under broadcasting.
/// Shapes: a and b broadcast to y (see [Shape#broadcast]).
/// Gradient: da = sum of dy b over the axes a was repeated on;  db = sum of dy a over those of b.
public final class Multiply extends ElementwiseBinary implements Op {

    public Multiply(Variable a, Variable b) {
        super(Binary.MULTIPLY, a, b);
    }
}
