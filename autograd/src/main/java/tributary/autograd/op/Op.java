package tributary.autograd.op;

import java.util.List;
import tributary.autograd.Variable;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;
import tributary.tensor.Workspace;

/// One operation on variables: it knows its value and how a gradient passes back through it.
///
/// A constructor checks the shapes, so that a wrong one is refused where the operation is written down. An instance is
/// applied to one tape, once: `Variable y = tape.apply(new LayerNorm(x, weight, bias, 1e-5f))`.
public sealed interface Op permits Add, LayerNorm, Linear, MatMul {

    /// The variables it reads.
    List<Variable> inputs();

    /// The shape of its output.
    Shape shape();

    /// Takes buffers for what the backward pass needs besides inputs and output. Called once, before the first forward.
    default void reserve(Workspace workspace) {}

    /// Gives the buffers of [#reserve] back.
    default void release(Workspace workspace) {}

    /// Computes y from the inputs' values.
    void forward(Kernels kernels, Tensor y);

    /// Passes the gradient of `y` on to every input that needs one: it overwrites or adds, as
    /// [Variable#accumulate()] says. Called only where y has a gradient.
    void backward(Kernels kernels, Variable y);
}
