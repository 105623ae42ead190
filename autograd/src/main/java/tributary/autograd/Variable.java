package tributary.autograd;

import org.jspecify.annotations.Nullable;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;
import tributary.tensor.Workspace;

/// A value in a computation and, where it is asked for, the gradient of the loss with respect to it.
///
/// Three kinds: a *constant* has no gradient; a *leaf* (an input or a parameter) keeps its gradient after
/// [Tape#backward]; the output of an operation lends its gradient's buffer from the tape's workspace and gives it back
/// as soon as the operation has passed it on.
public final class Variable {
    private final Tensor value;
    private final boolean needsGradient;
    private final boolean leaf;
    private final @Nullable Workspace workspace;
    private final @Nullable Object recording;
    private @Nullable Tensor gradient;
    private boolean written;
    private boolean handedOn;

    private Variable(
            Tensor value, boolean needsGradient, boolean leaf,
            @Nullable Workspace workspace, @Nullable Object recording, @Nullable Tensor gradient) {
        this.value = value;
        this.needsGradient = needsGradient;
        this.leaf = leaf;
        this.workspace = workspace;
        this.recording = recording;
        this.gradient = gradient;
    }

    /// A value without a gradient.
    public static Variable constant(Tensor value) {
        return new Variable(value, false, true, null, null, null);
    }

    /// A leaf whose gradient is written into a buffer of its own.
    public static Variable leaf(Tensor value) {
        return leaf(value, Tensor.zeros(value.shape()));
    }

    /// A leaf whose gradient is written into `gradient`, of the same shape.
    public static Variable leaf(Tensor value, Tensor gradient) {
        if (!value.shape().equals(gradient.shape())) {
            throw new IllegalArgumentException("leaf: gradient " + gradient.shape() + " does not match value " + value.shape());
        }
        return new Variable(value, true, true, null, null, gradient);
    }

    static Variable output(Tensor value, boolean needsGradient, Workspace workspace, Object recording) {
        return new Variable(value, needsGradient, false, workspace, recording, null);
    }

    public Tensor value() {
        return value;
    }

    /// Whether the backward pass has to compute a gradient for this variable.
    public boolean needsGradient() {
        return needsGradient;
    }

    /// The gradient's buffer. For a leaf it holds the gradient after [Tape#backward]; for an output it is valid only
    /// inside [tributary.autograd.op.Op#backward].
    ///
    /// @throws IllegalStateException for a variable without a gradient
    public Tensor gradient() {
        Tensor buffer = gradient;
        if (buffer == null) {
            if (!needsGradient || workspace == null) {
                throw new IllegalStateException("gradient: this variable " + value.shape() + " is a constant; make it a leaf");
            }
            buffer = workspace.acquire(value.shape());
            gradient = buffer;
        }
        return buffer;
    }

    /// For [tributary.autograd.op.Op#backward], asked exactly once for each contribution to this gradient: whether the
    /// contribution is to be added to the buffer (true) or is the first and overwrites it (false).
    public boolean accumulate() {
        boolean before = written;
        written = true;
        return before;
    }

    /// For [tributary.autograd.op.Op#backward], where the gradient of this input equals the gradient of the output
    /// `y`: takes over y's buffer without a copy and returns true. Returns false where it cannot, because this variable
    /// already holds contributions or keeps its own buffer; then the caller adds a copy. It must be the operation's
    /// last use of y's gradient.
    public boolean takeOver(Variable y) {
        if (leaf || written || y.leaf || y.handedOn) {
            return false;
        }
        Tensor buffer = y.gradient();
        if (gradient == null) {
            gradient = buffer.shape().equals(value.shape()) ? buffer : buffer.reshape(value.shape());
        }
        y.handedOn = true;
        written = true;
        return true;
    }

    /// For [tributary.autograd.op.Op#backward], where the gradient of this input equals that of the output `y`: takes y's
    /// buffer over or adds a copy, and does nothing where no gradient is needed. It must be the operation's last use of y's
    /// gradient.
    public void pass(Kernels kernels, Variable y) {
        if (needsGradient && !takeOver(y)) {
            kernels.copy(y.gradient(), accumulate(), gradient());
        }
    }

    boolean isLeaf() {
        return leaf;
    }

    boolean isWritten() {
        return written;
    }

    boolean isOutputOf(@Nullable Object recording) {
        return recording != null && this.recording == recording;
    }

    void beginBackward(boolean written) {
        this.written = written;
        this.handedOn = false;
    }

    /// Forgets the gradient's buffer, which is back in the workspace, so that a new pass can lay the buffers out anew.
    void unbindGradient() {
        gradient = null;
    }

    /// Gives the gradient's buffer back to the workspace unless an input took it over; the binding stays, so that the
    /// same pass after a replay uses the same buffer at the same moment.
    void passOn() {
        if (!handedOn && gradient != null && workspace != null) {
            workspace.release(gradient);
        }
    }
}
