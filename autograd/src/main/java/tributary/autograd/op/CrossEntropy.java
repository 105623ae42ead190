package tributary.autograd.op;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.autograd.Variable;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;
import tributary.tensor.Workspace;

/// **Softmax cross-entropy**  y = mean over rows of ln sum e^logits - logits[target], in nats.
/// Rows whose target is `ignoredTarget` count neither in the sum nor in the mean.
/// Shapes: logits (..., V), targets R ids in [0, V) -> y (), a scalar; saves losses and logSumExp, (R).
/// Gradient: dlogits = dy / counted rows (softmax(logits) - onehot(target)); 0 in ignored rows.
///
/// The targets are read at each forward: new ones in the same array are what a replay computes on.
public final class CrossEntropy implements Op {
    /// The target that marks a row to be left out, unless the constructor names another one.
    public static final int IGNORED_TARGET = -100;

    private final Variable logits;
    private final IntTensor targets;
    private final int ignoredTarget;
    private @Nullable Tensor losses;
    private @Nullable Tensor logSumExp;
    private int counted;

    public CrossEntropy(Variable logits, IntTensor targets) {
        this(logits, targets, IGNORED_TARGET);
    }

    public CrossEntropy(Variable logits, IntTensor targets, int ignoredTarget) {
        Shape shape = logits.value().shape();
        if (shape.rank() < 1 || targets.elements() != shape.rows()) {
            throw new IllegalArgumentException(
                    "crossEntropy: targets " + targets.shape() + " do not hold one id for each row of logits " + shape);
        }
        this.logits = logits;
        this.targets = targets;
        this.ignoredTarget = ignoredTarget;
    }

    /// The loss of each row, (R), 0 where it is ignored; valid until the tape is cleared.
    ///
    /// @throws IllegalStateException before the operation is applied to a tape
    public Tensor losses() {
        Tensor tensor = losses;
        if (tensor == null) {
            throw new IllegalStateException("crossEntropy: no losses yet; apply the operation to a tape first");
        }
        return tensor;
    }

    @Override
    public List<Variable> inputs() {
        return List.of(logits);
    }

    @Override
    public Shape shape() {
        return Shape.of();
    }

    @Override
    public void reserve(Workspace workspace) {
        losses = workspace.acquire(Shape.of(targets.elements()));
        logSumExp = workspace.acquire(Shape.of(targets.elements()));
    }

    @Override
    public void release(Workspace workspace) {
        workspace.release(losses);
        workspace.release(logSumExp);
    }

    @Override
    public void forward(Kernels kernels, Tensor y) {
        counted = 0;
        for (int target : targets.array()) {
            counted += target == ignoredTarget ? 0 : 1;
        }
        if (counted == 0) {
            throw new IllegalArgumentException("crossEntropy: all " + targets.elements() + " targets are the ignored "
                    + ignoredTarget + ", so there is no mean; pass at least one target that counts");
        }
        kernels.crossEntropy(logits.value(), targets, ignoredTarget, losses, logSumExp);
        kernels.sumAxis(losses, targets.elements(), 1, 1f / counted, false, y);
    }

    @Override
    public void backward(Kernels kernels, Variable y) {
        float scale = y.gradient().get(0) / counted;
        kernels.crossEntropyBackward(logits.value(), targets, ignoredTarget, logSumExp, scale, logits.accumulate(), logits.gradient());
    }
}
