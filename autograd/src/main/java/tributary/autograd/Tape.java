package tributary.autograd;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
/// A training step whose shapes do not change records once and replays ever after: values and gradients stand in
/// buffers of the tape's own workspace, and a step allocates nothing. For a program that changes, [#clear] forgets the
/// operations and keeps the buffers for the next recording.
///
/// Not for several threads.
public final class Tape {
    private final Kernels kernels;
    private final boolean recordsGradients;
    private final Workspace workspace = new Workspace();
    private final List<Step> steps = new ArrayList<>();
    private final List<Variable> leaves = new ArrayList<>();
    private final Set<Variable> knownLeaves = new HashSet<>();
    // Stands for everything recorded since the last clear; an output carries the one it was made in.
    private Object recording = new Object();
    // The loss whose backward pass the gradients' buffers are laid out for.
    private @Nullable Variable plannedLoss;

    private record Step(Op op, Variable output) {}

    private Tape(Kernels kernels, boolean recordsGradients) {
        this.kernels = kernels;
        this.recordsGradients = recordsGradients;
    }

    /// A tape that can go backward.
    public Tape(Kernels kernels) {
        this(kernels, true);
    }

    /// A tape for evaluation and generation: nothing on it needs a gradient.
    public static Tape withoutGradients(Kernels kernels) {
        return new Tape(kernels, false);
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
        boolean needsGradient = false;
        for (Variable input : op.inputs()) {
            needsGradient |= recordsGradients && input.needsGradient();
            if (!input.isLeaf() && !input.isOutputOf(recording)) {
                throw new IllegalArgumentException(name(op) + ": input " + input.value().shape()
                        + " is not an output on this tape since its last clear; record its operation here or pass its value as a constant");
            }
            if (input.needsGradient() && input.isLeaf() && knownLeaves.add(input)) {
                leaves.add(input);
            }
        }
        op.reserve(workspace);
        Tensor view = op.view();
        Step step = new Step(op, Variable.output(view == null ? workspace.acquire(op.shape()) : view, needsGradient, workspace, recording));
        try {
            op.forward(kernels, step.output.value());
        } catch (RuntimeException refused) {
            release(step);
            throw refused;
        }
        steps.add(step);
        plannedLoss = null;
        return step.output;
    }

    /// Runs all recorded operations again, on whatever the leaves and constants hold now.
    public void replay() {
        replay(0, steps.size());
    }

    /// What [#replay] and then [#backward(Variable)] do, to the same bits. The operation that gives the loss does both at
    /// once, which spares some of them work.
    public void replayAndBackward(Variable loss) {
        check(loss);
        int last = 0;
        while (steps.get(last).output != loss) {
            last++;
        }
        replay(0, last);
        boolean planning = beginBackward(loss, false);
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
            Step step = steps.get(i);
            step.op.forward(kernels, step.output.value());
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
        check(loss);
        boolean planning = beginBackward(loss, accumulate);
        passBack(steps.size() - 1, planning);
        plannedLoss = loss;
    }

    /// Makes ready for a backward pass from `loss`, whose gradient is 1.
    ///
    /// @return whether the gradients' buffers have to be laid out for it
    private boolean beginBackward(Variable loss, boolean accumulate) {
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
        loss.gradient().fill(1f);
        return planning;
    }

    /// Walks back from step `last` to the first.
    private void passBack(int last, boolean planning) {
        for (int i = last; i >= 0; i--) {
            Step step = steps.get(i);
            if (step.output.isWritten()) {
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
    public void clear() {
        for (Step step : steps) {
            release(step);
        }
        steps.clear();
        leaves.clear();
        knownLeaves.clear();
        recording = new Object();
        plannedLoss = null;
    }

    private void release(Step step) {
        step.op.release(workspace);
        if (step.op.view() == null) {
            workspace.release(step.output.value());
        }
    }

    /// The memory behind this tape's values, gradients and saved numbers, in bytes.
    public long allocatedBytes() {
        return workspace.allocatedBytes();
    }

    private static String name(Op op) {
        String name = op.getClass().getSimpleName();
        return Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }
}
