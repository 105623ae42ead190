package tributary.autograd;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
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
/// tape.replay();                                    // the same operations on the new numbers, nothing allocated
/// tape.backward(loss);
/// ```
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
    private final Set<Variable> leaves = new LinkedHashSet<>();
    private boolean planned;

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
    public Variable apply(Op op) {
        boolean needsGradient = false;
        for (Variable input : op.inputs()) {
            needsGradient |= recordsGradients && input.needsGradient();
            if (input.isLeaf()) {
                leaves.add(input);
            }
        }
        op.reserve(workspace);
        Variable output = Variable.output(workspace.acquire(op.shape()), needsGradient, workspace);
        op.forward(kernels, output.value());
        steps.add(new Step(op, output));
        planned = false;
        return output;
    }

    /// Runs all recorded operations again, on whatever the leaves and constants hold now.
    public void replay() {
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            step.op.forward(kernels, step.output.value());
        }
    }

    /// Writes the gradient of `loss`, a single number, into every leaf that led to it, over whatever was there.
    public void backward(Variable loss) {
        backward(loss, false);
    }

    /// Writes the gradient of `loss` into every leaf on the tape, or adds it where `accumulate`. A leaf that did not lead
    /// to the loss gets zero.
    ///
    /// @param loss one element, an output on this tape
    /// @throws IllegalStateException on a tape without gradients, or where the loss depends on no leaf
    public void backward(Variable loss, boolean accumulate) {
        if (!recordsGradients) {
            throw new IllegalStateException("backward: this tape records no gradients; use new Tape(kernels)");
        }
        if (loss.value().elements() != 1 || !loss.needsGradient()) {
            throw new IllegalStateException("backward: needs a single number that depends on a leaf, not " + loss.value().shape());
        }
        for (Variable leaf : leaves) {
            leaf.beginBackward(accumulate);
        }
        for (int i = 0; i < steps.size(); i++) {
            steps.get(i).output.beginBackward(false);
        }
        loss.accumulate();
        loss.gradient().fill(1f);
        for (int i = steps.size() - 1; i >= 0; i--) {
            Step step = steps.get(i);
            if (step.output.isWritten()) {
                step.op.backward(kernels, step.output);
                if (!planned) {
                    step.output.passOn();
                }
            }
        }
        planned = true;
        for (Variable leaf : leaves) {
            if (leaf.needsGradient() && !leaf.isWritten()) {
                leaf.gradient().fill(0f);
            }
        }
    }

    /// Forgets the operations; their buffers serve the next recording. Outputs of this tape must not be used any more.
    public void clear() {
        for (Step step : steps) {
            step.op.release(workspace);
            workspace.release(step.output.value());
        }
        steps.clear();
        leaves.clear();
        planned = false;
    }

    /// The memory behind this tape's values, gradients and saved numbers, in bytes.
    public long allocatedBytes() {
        return workspace.allocatedBytes();
    }
}
