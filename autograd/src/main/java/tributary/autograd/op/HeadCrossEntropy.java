package tributary.autograd.op;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.autograd.Variable;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;
import tributary.tensor.Workspace;

/// **Vocabulary head with cross-entropy**  y = mean over rows of ln sum e^logits - logits[target] with logits = x W^T, in
/// nats: a transposed [Linear] and [CrossEntropy] in one, chunk by chunk of rows, so that a large vocabulary's logits are
/// never held for all rows. Rows whose target is `ignoredTarget` count neither in the sum nor in the mean.
/// Shapes: x (..., C), weight (V, C), targets R ids in [0, V) -> y (), a scalar; saves losses (R) and works on logits of n
/// rows, (n, V).
/// Gradient: dlogits = dy / counted rows (softmax(logits) - onehot(target)), over the logits;  dx = dlogits W;
/// dW = sum over chunks of dlogits^T x.
///
/// [#backward] computes the logits once more. Where y is the loss, [tributary.autograd.Tape#replayAndBackward] spares that:
/// it has both directions done while a chunk's logits are there.
///
/// The targets are read at each forward: new ones in the same array are what a replay computes on.
public final class HeadCrossEntropy implements Op {
    /// How many logits are held at once: 128 MiB. Each chunk reads the whole of W, and adds to the whole of its gradient.
    private static final int LOGITS = 1 << 25;

    private final Variable x;
    private final Variable weight;
    private final IntTensor targets;
    private final int ignoredTarget;
    private final int chunkRows;
    private final List<Chunk> chunks = new ArrayList<>();
    private @Nullable Tensor losses;
    private @Nullable Tensor logSumExp;
    private @Nullable Tensor logits;
    private @Nullable Tensor dx;
    private int counted;

    /// Some rows: views of what belongs to them, and their targets.
    private static final class Chunk {
        final Tensor x;
        final IntTensor targets;
        final Tensor losses;
        final Tensor logSumExp;
        final Tensor logits;
        @Nullable
        Tensor dx;

        Chunk(Tensor x, IntTensor targets, Tensor losses, Tensor logSumExp, Tensor logits) {
            this.x = x;
            this.targets = targets;
            this.losses = losses;
            this.logSumExp = logSumExp;
            this.logits = logits;
        }
    }

    /// The loss of a head whose chunks are equally long and hold at most 128 MiB of logits, or one row's.
    public HeadCrossEntropy(Variable x, Variable weight, IntTensor targets) {
        this(x, weight, targets, CrossEntropy.IGNORED_TARGET, chunkRows(targets.elements(), weight.value().shape().size(0)));
    }

    private static int chunkRows(int rows, int vocabulary) {
        int most = Math.max(1, LOGITS / vocabulary);
        int chunks = (rows + most - 1) / most;
        return (rows + chunks - 1) / chunks;
    }

    /// @param chunkRows n, how many rows' logits are held at once
    public HeadCrossEntropy(Variable x, Variable weight, IntTensor targets, int ignoredTarget, int chunkRows) {
        Shape rows = x.value().shape();
        Shape w = weight.value().shape();
        if (w.rank() != 2 || w.last() != rows.last()) {
            throw new IllegalArgumentException(
                    "headCrossEntropy: weight " + w + " (V, C) does not match the last axis of x " + rows);
        }
        if (targets.elements() != rows.rows()) {
            throw new IllegalArgumentException(
                    "headCrossEntropy: targets " + targets.shape() + " do not hold one id for each row of x " + rows);
        }
        if (chunkRows < 1) {
            throw new IllegalArgumentException("headCrossEntropy: a chunk of " + chunkRows + " rows; it needs at least 1");
        }
        this.x = x;
        this.weight = weight;
        this.targets = targets;
        this.ignoredTarget = ignoredTarget;
        this.chunkRows = Math.min(chunkRows, rows.rows());
    }

    /// The loss of each row, (R), 0 where it is ignored; valid until the tape is cleared.
    ///
    /// @throws IllegalStateException before the operation is applied to a tape
    public Tensor losses() {
        Tensor tensor = losses;
        if (tensor == null) {
            throw new IllegalStateException("headCrossEntropy: no losses yet; apply the operation to a tape first");
        }
        return tensor;
    }

    @Override
    public List<Variable> inputs() {
        return List.of(x, weight);
    }

    @Override
    public Shape shape() {
        return Shape.of();
    }

    @Override
    public void reserve(Workspace workspace) {
        Tensor rows = x.value().matrix();
        int vocabulary = weight.value().shape().size(0);
        int width = weight.value().shape().last();
        losses = workspace.acquire(Shape.of(targets.elements()));
        logSumExp = workspace.acquire(Shape.of(chunkRows));
        logits = workspace.acquire(Shape.of(chunkRows, vocabulary));
        for (int from = 0; from < targets.elements(); from += chunkRows) {
            int n = Math.min(chunkRows, targets.elements() - from);
            chunks.add(new Chunk(
                    rows.range(from * width, Shape.of(n, width)), IntTensor.zeros(n), losses.range(from, Shape.of(n)),
                    logSumExp.range(0, Shape.of(n)), logits.range(0, Shape.of(n, vocabulary))));
        }
    }

    @Override
    public void release(Workspace workspace) {
        chunks.clear();
        workspace.release(losses);
        workspace.release(logSumExp);
        workspace.release(logits);
    }

    @Override
    public void forward(Kernels kernels, Tensor y) {
        readTargets();
        for (int i = 0; i < chunks.size(); i++) {
            losses(kernels, chunks.get(i));
        }
        mean(kernels, y);
    }

    @Override
    public void backward(Kernels kernels, Variable y) {
        float scale = y.gradient().get(0) / counted;
        boolean addWeight = weight.needsGradient() && weight.accumulate();
        boolean addX = x.needsGradient() && x.accumulate();
        if (x.needsGradient()) {
            bind(x.gradient());
        }
        for (int i = 0; i < chunks.size(); i++) {
            Chunk chunk = chunks.get(i);
            losses(kernels, chunk);
            kernels.crossEntropyBackward(chunk.logits, chunk.targets, ignoredTarget, chunk.logSumExp, scale, false, chunk.logits);
            if (weight.needsGradient()) {
                kernels.matmul(chunk.logits, true, chunk.x, false, null, addWeight || i > 0, weight.gradient());
            }
            if (x.needsGradient()) {
                kernels.matmul(chunk.logits, false, weight.value(), false, null, addX, chunk.dx);
            }
        }
    }

    @Override
    public void forwardBackward(Kernels kernels, Variable y) {
        readTargets();
        backward(kernels, y);
        mean(kernels, y.value());
    }

    private void readTargets() {
        counted = 0;
        for (int target : targets.array()) {
            counted += target == ignoredTarget ? 0 : 1;
        }
        if (counted == 0) {
            throw new IllegalArgumentException("headCrossEntropy: all " + targets.elements() + " targets are the ignored "
                    + ignoredTarget + ", so there is no mean; pass at least one target that counts");
        }
        for (int i = 0; i < chunks.size(); i++) {
            int[] some = chunks.get(i).targets.array();
            System.arraycopy(targets.array(), i * chunkRows, some, 0, some.length);
        }
    }

    /// The chunk's logits and what they cost.
    private void losses(Kernels kernels, Chunk chunk) {
        kernels.matmul(chunk.x, false, weight.value(), true, null, false, chunk.logits);
        kernels.crossEntropy(chunk.logits, chunk.targets, ignoredTarget, chunk.losses, chunk.logSumExp);
    }

    private void mean(Kernels kernels, Tensor y) {
        kernels.sumAxis(losses(), targets.elements(), 1, 1f / counted, false, y);
    }

    /// Cuts the gradient's buffer as x is cut, once for each buffer.
    private void bind(Tensor gradient) {
        if (gradient != dx) {
            int at = 0;
            for (Chunk chunk : chunks) {
                chunk.dx = gradient.matrix().range(at, chunk.x.shape());
                at += chunk.x.elements();
            }
            dx = gradient;
        }
    }
}
