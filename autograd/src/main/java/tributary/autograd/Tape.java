package tributary.autograd;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tributary.autograd.op.Op;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;
import tributary.tensor.Workspace;

/// Records operations as they are applied, walks them back for the gradients, and can run the same program again.
///
/// ```java
/// Tape tape = new Tape(kernels);
/// Variable y = tape.apply(new MatMul(x, w));        // runs now and is recorded
/// Variable loss = tape.apply(new Mean(y));
/// tape.backward(loss);                              // x.gradient(), w.gradient()
/// x.value().set(next);
/// tape.replayAndBackward(loss);                     // the same operations on the new numbers, nothing allocated
/// ```
///
/// [#backward] computes gradients of what was recorded or replayed last. A leaf's gradient stays until the next call; an
/// output's gradient lives only while it is passed on, in a buffer that several outputs share one after the other.
///
/// Between the two directions everything stands in memory that was computed. A model can name its [parts][#part]: on a
/// tape that is [recomputing][#recomputing], what is inside a part is forgotten and computed again, to the same bits, when
/// the backward pass gets there; on a tape without gradients it is never needed again. A residual block each leaves one
/// block's activations instead of all, for at most a third more work.
///
/// A training step whose shapes do not change records once and replays ever after: values and gradients stand in
/// buffers of the tape's own workspace, and a step allocates nothing. For a program that changes, [#clear] forgets the
/// operations and keeps the buffers for the next recording.
///
/// Not for several threads.
public final class Tape {
    private final Kernels kernels;
    private final boolean recordsGradients;
    private final boolean keepsParts;
    private final Workspace workspace;
    private final Workspace scratch; // for the inside of parts, which all use the same buffers
    private final List<Step> steps = new ArrayList<>();
    private final List<Variable> leaves = new ArrayList<>();
    private final Set<Variable> knownLeaves = new HashSet<>();
    // Stands for everything recorded since the last clear; an output carries the one it was made in.
    private Object recording = new Object();
    // The part that is being recorded, and the one whose numbers stand in the scratch buffers.
    private @Nullable Part open;
    private @Nullable Part live;
    private boolean shared;
    // The loss whose backward pass the gradients' buffers are laid out for.
    private @Nullable Variable plannedLoss;

    private record Step(Op op, Variable output, @Nullable Part part) {}

    /// The steps [from, to).
    private static final class Part {
        final int from;
        int to;

        Part(int from) {
            this.from = from;
        }
    }

    private Tape(Kernels kernels, boolean recordsGradients, boolean keepsParts) {
        this(kernels, recordsGradients, keepsParts, new Workspace(), new Workspace());
    }

    private Tape(Kernels kernels, boolean recordsGradients, boolean keepsParts, Workspace workspace, Workspace scratch) {
        this.kernels = kernels;
        this.recordsGradients = recordsGradients;
        this.keepsParts = keepsParts;
        this.workspace = workspace;
        this.scratch = scratch;
    }

    /// A tape that can go backward.
    public Tape(Kernels kernels) {
        this(kernels, true, true);
    }

    /// A tape for evaluation and generation: nothing on it needs a gradient.
    public static Tape withoutGradients(Kernels kernels) {
        return new Tape(kernels, false, false);
    }

    /// A tape that can go backward and computes what is inside of parts a second time instead of keeping it.
    public static Tape recomputing(Kernels kernels) {
        return new Tape(kernels, true, false);
    }

    /// A new tape of the same kind over the same buffers: for programs of the same shapes that take turns, each of which needs
    /// nothing of what the others have left. Whatever runs on one of these tapes overwrites the values, gradients and saved
    /// numbers of all. None of them may be [cleared][#clear].
    public Tape sharingBuffers() {
        shared = true;
        Tape other = new Tape(kernels, recordsGradients, keepsParts, workspace, scratch);
        other.shared = true;
        return other;
    }

    public Kernels kernels() {
        return kernels;
    }

    /// Whether [#backward] is possible.
    public boolean recordsGradients() {
        return recordsGradients;
    }

    /// Runs an operation and records it.
    ///
    /// @return its output, whose value is overwritten by the next [#replay] and reused after [#clear]
    /// @throws IllegalArgumentException where an input is the output of another tape or of a recording since cleared
    public Variable apply(Op op) {
        if (shared && steps.isEmpty()) { // what the others have left is not needed
            workspace.releaseAll();
            scratch.releaseAll();
        }
        return open == null ? apply(op, workspace, workspace, recording) : apply(op, scratch, scratch, open);
    }

    /// Records a part of the program: a piece of which nothing but its result is used outside. Inside of a part another one
    /// is not told apart.
    ///
    /// @param body applies the operations but the last, which it returns: that one gives the result, in a buffer of its own
    /// @throws IllegalArgumentException where the last operation's output is a view
    public Variable part(Supplier<Op> body) {
        if (keepsParts || open != null) {
            return apply(body.get());
        }
        Part part = new Part(steps.size());
        open = part;
        try {
            Op last = body.get();
            if (last.view() != null) {
                throw new IllegalArgumentException("part: it ends in " + name(last)
                        + ", a view of what is inside; let it end in an operation whose output is not a view");
            }
            return apply(last, scratch, workspace, recording);
        } finally {
            part.to = steps.size();
            open = null;
            scratch.releaseAll();
        }
    }

    /// @param saved where the operation takes buffers for its backward pass from
    /// @param values where its output's buffer comes from
    /// @param owner the recording or the part that may use the output
    private Variable apply(Op op, Workspace saved, Workspace values, Object owner) {
        boolean needsGradient = false;
        for (Variable input : op.inputs()) {
            needsGradient |= recordsGradients && input.needsGradient();
            if (!input.isLeaf() && !input.isOutputOf(recording) && !input.isOutputOf(open)) {
                throw new IllegalArgumentException(name(op) + ": input " + input.value().shape()
                        + " is not an output on this tape since its last clear, or it is inside a part that has ended;"
                        + " record its operation here, let the part return it, or pass its value as a constant");
            }
            if (input.needsGradient() && input.isLeaf() && knownLeaves.add(input)) {
                leaves.add(input);
            }
        }
        op.reserve(saved);
        Tensor view = op.view();
        Tensor value = view == null ? values.acquire(op.shape()) : view;
        Step step = new Step(op, Variable.output(value, needsGradient, workspace, owner), open);
        try {
            forward(step);
        } catch (RuntimeException refused) {
            release(step, saved, values);
            throw refused;
        }
        steps.add(step);
        plannedLoss = null;
        return step.output;
    }

    private void forward(Step step) {
        live = step.part == null ? live : step.part;
        step.op.forward(kernels, step.output.value());
    }

    private void recompute(Part part) {
        for (int i = part.from; i < part.to; i++) {
            Step step = steps.get(i);
            step.op.recompute(kernels, step.output.value());
        }
        live = part;
    }

    /// Runs all recorded operations again, on whatever the leaves and constants hold now.
    public void replay() {
        replay(0, steps.size());
    }

    /// What [#replay] and then [#backward(Variable)] do, to the same bits. The operation that gives the loss does both at
    /// once, which spares some of them work.
    public void replayAndBackward(Variable loss) {
        replayAndBackward(loss, 1f);
    }

    /// As [#replayAndBackward(Variable)].
    ///
    /// @param weight what the loss counts: the gradients are those of `weight` times the loss
    public void replayAndBackward(Variable loss, float weight) {
        check(loss);
        int last = 0;
        while (steps.get(last).output != loss) {
            last++;
        }
        replay(0, last);
        boolean planning = beginBackward(loss, false, weight);
        steps.get(last).op.forwardBackward(kernels, loss);
        if (planning) {
            loss.passOn();
        }
        replay(last + 1, steps.size());
        passBack(last - 1, planning);
        plannedLoss = loss;
    }

    private void replay(int from, int to) {
        for (int i = from; i < to; i++) {
            forward(steps.get(i));
        }
    }

    /// Writes the gradient of `loss`, a single number, into every leaf on the tape, over whatever was there.
    public void backward(Variable loss) {
        backward(loss, false);
    }

    /// Writes the gradient of `loss` into every leaf on the tape, or adds it where `accumulate`. A leaf that did not lead
    /// to the loss gets zero.
    ///
    /// @param loss one element, an output on this tape
    /// @throws IllegalStateException on a tape without gradients, where `loss` is not an output on this tape, or where it
    ///     depends on no leaf
    public void backward(Variable loss, boolean accumulate) {
        backward(loss, accumulate, 1f);
    }

    /// As [#backward(Variable, boolean)].
    ///
    /// @param weight what the loss counts: the gradients are those of `weight` times the loss
    public void backward(Variable loss, boolean accumulate, float weight) {
        check(loss);
        boolean planning = beginBackward(loss, accumulate, weight);
        passBack(steps.size() - 1, planning);
        plannedLoss = loss;
    }

    /// Makes ready for a backward pass from `loss`, whose gradient is `weight`.
    ///
    /// @return whether the gradients' buffers have to be laid out for it
    private boolean beginBackward(Variable loss, boolean accumulate, float weight) {
        boolean planning = plannedLoss != loss;
        plannedLoss = null; // until this pass ends well
        for (int i = 0; i < leaves.size(); i++) {
            leaves.get(i).beginBackward(accumulate);
        }
        for (int i = 0; i < steps.size(); i++) {
            Variable output = steps.get(i).output;
            output.beginBackward(false);
            if (planning) {
                output.unbindGradient();
            }
        }
        loss.accumulate();
        loss.gradient().fill(weight);
        return planning;
    }

    /// Walks back from step `last` to the first.
    private void passBack(int last, boolean planning) {
        for (int i = last; i >= 0; i--) {
            Step step = steps.get(i);
            if (step.output.isWritten()) {
                if (step.part != null && step.part != live) {
                    recompute(step.part);
                }
                step.op.backward(kernels, step.output);
                if (planning) {
                    step.output.passOn();
                }
            }
        }
        for (int i = 0; i < leaves.size(); i++) {
            if (!leaves.get(i).isWritten()) {
                leaves.get(i).gradient().fill(0f);
            }
        }
    }

    private void check(Variable loss) {
        if (!recordsGradients) {
            throw new IllegalStateException("backward: this tape records no gradients; use new Tape(kernels)");
        }
        if (!loss.isOutputOf(recording)) {
            throw new IllegalStateException("backward: the loss is not an output on this tape since its last clear; record it here");
        }
        if (loss.value().elements() != 1) {
            throw new IllegalStateException(
                    "backward: the loss is " + loss.value().shape() + ", not a single number; take its Mean or Sum");
        }
        if (!loss.needsGradient()) {
            throw new IllegalStateException(
                    "backward: the loss depends on constants only; make a leaf of what it is to be differentiated by");
        }
    }

    /// Forgets the operations; their buffers serve the next recording. Outputs of this tape must not be used any more.
    ///
    /// @throws IllegalStateException where other tapes use the same buffers
    public void clear() {
        if (shared) {
            throw new IllegalStateException("clear: other tapes use this tape's buffers; make a new tape for a program that changes");
        }
        for (Step step : steps) {
            if (step.part == null) {
                release(step, workspace, workspace);
            } else if (step.output.isOutputOf(recording)) {
                workspace.release(step.output.value());
            }
        }
        live = null;
        steps.clear();
        leaves.clear();
        knownLeaves.clear();
        recording = new Object();
        plannedLoss = null;
    }

    private static void release(Step step, Workspace saved, Workspace values) {
        step.op.release(saved);
        if (step.op.view() == null) {
            values.release(step.output.value());
        }
    }

    /// The memory behind this tape's values, gradients and saved numbers, in bytes.
    public long allocatedBytes() {
        return workspace.allocatedBytes() + scratch.allocatedBytes();
    }

    private static String name(Op op) {
        String name = op.getClass().getSimpleName();
        return Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }
}
