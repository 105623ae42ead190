package tributary.autograd.op;

import tributary.autograd.Variable;
import tributary.tensor.Binary;
import tributary.tensor.Shape;

/// **Subtraction**  y = a - b, under broadcasting.
/// Shapes: a and b broadcast to y (see [Shape#broadcast]).
/// Gradient: da = sum of dy over the axes a was repeated on;  db = -sum of dy over those of b.
public final class Subtract extends ElementwiseBinary implements Op {

    public Subtract(Variable a, Variable b) {
        super(Binary.SUBTRACT, a, b);
    }
}
