package tributary.model;

import org.jspecify.annotations.Nullable;
import tributary.autograd.Tape;
import tributary.autograd.op.CrossEntropy;
import tributary.autograd.op.HeadCrossEntropy;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// Measures a model's loss on given sequences, without dropout and without gradients.
///
/// Not for several threads; several evaluators may share a model that nobody trains meanwhile.
public final class Evaluator {
    private final Gpt model;
    private final Tape tape;
    private @Nullable IntTensor ids;
    private @Nullable IntTensor targets;
    private @Nullable HeadCrossEntropy recorded;

    public Evaluator(Gpt model, Kernels kernels) {
        this.model = model;
        this.tape = Tape.withoutGradients(kernels);
    }

    /// The sum of the losses of all targets, in nats, added in float64 in their order.
    ///
    /// @param ids (B, T)
    /// @param targets (B, T); [CrossEntropy#IGNORED_TARGET] adds nothing
    public double lossSum(IntTensor ids, IntTensor targets) {
        HeadCrossEntropy op = recorded;
        if (op == null || this.ids == null || this.targets == null || !this.ids.shape().equals(ids.shape())) {
            tape.clear();
            this.ids = new IntTensor(ids.array().clone(), ids.shape());
            this.targets = new IntTensor(targets.array().clone(), targets.shape());
            op = model.losses(tape, this.ids, this.targets);
            tape.apply(op);
            recorded = op;
        } else {
            System.arraycopy(ids.array(), 0, this.ids.array(), 0, ids.elements());
            System.arraycopy(targets.array(), 0, this.targets.array(), 0, targets.elements());
            tape.replay();
        }
        Tensor losses = op.losses();
        double sum = 0;
        for (int i = 0; i < losses.elements(); i++) {
            sum += losses.get(i);
        }
        return sum;
    }
}
