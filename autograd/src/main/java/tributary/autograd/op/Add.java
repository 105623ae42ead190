package tributary.autograd.op;

import tributary.autograd.Variable;
import tributary.tensor.Binary;
import tributary.tensor.Shape;

/// **Addition**  y = a + b, under broadcasting.
/// Shapes: a and b broadcast to y (see [Shape#broadcast]).
/// Gradient: da = sum of dy over the axes a was repeated on;  db likewise.
public final class Add extends ElementwiseBinary implements Op {

    public Add(Variable a, Variable b) {
        super(Binary.ADD, a, b);
    }
}
