package tributary.autograd.op;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.autograd.Variable;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;
import tributary.tensor.Workspace;

/// One operation on variables: it knows its value and how a gradient passes back through it.
///
/// A constructor checks the shapes, so that a wrong one is refused where the operation is written down. An instance is
/// applied to one tape, once: `Variable y = tape.apply(new LayerNorm(x, weight, bias, 1e-5f))`.
public sealed interface Op
        permits // element by element
        Add, Subtract, Multiply, Divide, Exp, Log, Tanh, Sigmoid, Relu, Silu, Gelu, GeluErf, Dropout,
        // sums and shapes
        Sum, Mean, Transpose, Reshape,
        // products
        MatMul, Linear, Perceptron,
        // rows of the last axis
        Softmax, LogSoftmax, LayerNorm, RmsNorm,
        // language models
        Embedding, Rope, CausalAttention, PackedCausalAttention, CrossEntropy, HeadCrossEntropy {

    /// The variables it reads.
    List<Variable> inputs();

    /// The shape of its output.
    Shape shape();

    /// The output's value, where it is a view of an input's value; null where the output needs a buffer of its own. The
    /// same tensor at every call.
    default @Nullable Tensor view() {
        return null;
    }

    /// Takes buffers for what the backward pass needs besides inputs and output. Called once, before the first forward.
    default void reserve(Workspace workspace) {}

    /// Gives the buffers of [#reserve] back.
    default void release(Workspace workspace) {}

    /// Computes y from the inputs' values. Called when the operation is applied and at each replay.
    void forward(Kernels kernels, Tensor y);

    /// Computes y once more, to the bits of the last forward.
    default void recompute(Kernels kernels, Tensor y) {
        forward(kernels, y);
    }

    /// Passes the gradient of `y` on to every input that needs one: it overwrites or adds, as
    /// [Variable#accumulate()] says. Called only where y has a gradient.
    void backward(Kernels kernels, Variable y);

    /// Computes y from the inputs' values and passes its gradient on, where y is the loss, so that its gradient does not
    /// wait for any other operation. One that can then do something once instead of twice does so here.
    default void forwardBackward(Kernels kernels, Variable y) {
        forward(kernels, y.value());
        backward(kernels, y);
    }
}
