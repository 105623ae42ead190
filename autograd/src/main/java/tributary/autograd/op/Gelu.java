package tributary.autograd.op;

import tributary.autograd.Variable;
import tributary.tensor.Unary;

/// **GELU, tanh form**  y = 0.5 x (1 + tanh u) with u = sqrt(2/pi) (x + 0.044715 x^3), element by element.
/// GPT-2's form. Hendrycks and Gimpel 2016, arXiv:1606.08415.
/// Shapes: x (...) -> y (...).
/// Gradient: dx = dy (0.5 (1 + tanh u) + 0.5 x (1 - tanh^2 u) du/dx).
public final class Gelu extends ElementwiseUnary implements Op {

    public Gelu(Variable x) {
        super(Unary.GELU_TANH, x);
    }
}
