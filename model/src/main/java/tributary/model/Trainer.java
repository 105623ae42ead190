package tributary.model;

import org.jspecify.annotations.Nullable;
import tributary.autograd.ParameterStore;
import tributary.autograd.Tape;
import tributary.autograd.Variable;
import tributary.model.data.BatchSource;
import tributary.model.data.StatelessRandom;
import tributary.model.optimizer.Optimizer;
import tributary.model.optimizer.Schedule;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// Trains one model on its share of every batch: loss, gradients, clipping by the global norm, optimizer step.
///
/// The step is recorded on a tape once and replayed ever after, so that it allocates nothing on the heap. What a step
/// does is a pure function of the parameters, the optimizer's state and the step's number.
///
/// Not for several threads.
public final class Trainer {
    private final Gpt model;
    private final Kernels kernels;
    private final BatchSource batches;
    private final int replica;
    private final int replicas;
    private final long seed;
    private final Tape tape;
    private final IntTensor ids;
    private final IntTensor targets;
    private @Nullable Variable loss;
    private long stepSeed;

    /// A trainer on whole batches.
    public Trainer(Gpt model, Kernels kernels, BatchSource batches, long seed) {
        this(model, kernels, batches, 0, 1, seed);
    }

    /// A trainer on rows `replica`, `replica + replicas`, ... of every batch.
    ///
    /// @param seed of the dropout masks
    public Trainer(Gpt model, Kernels kernels, BatchSource batches, int replica, int replicas, long seed) {
        this(model, kernels, batches, replica, replicas, seed, false);
    }

    /// As the others.
    ///
    /// @param recompute whether the backward pass computes the blocks' activations again instead of having them kept: the
    ///     same bits in less memory, for up to a third more time
    public Trainer(Gpt model, Kernels kernels, BatchSource batches, int replica, int replicas, long seed, boolean recompute) {
        this.model = model;
        this.kernels = kernels;
        this.batches = batches;
        this.replica = replica;
        this.replicas = replicas;
        this.seed = StatelessRandom.seed(seed, "dropout");
        this.tape = recompute ? Tape.recomputing(kernels) : new Tape(kernels);
        this.ids = IntTensor.zeros(batches.rows(replica, replicas), batches.context());
        this.targets = IntTensor.zeros(batches.rows(replica, replicas), batches.context());
    }

    public Gpt model() {
        return model;
    }

    public Kernels kernels() {
        return kernels;
    }

    /// Computes the loss and its gradients on this share of a step's batch; the gradients stand in the model's
    /// [ParameterStore#gradients()].
    ///
    /// @param step steps done before this one, 0 at the first
    /// @return the mean loss, nats a token, before any update
    /// @throws NonFiniteException where the loss is not a number
    public double gradients(int step) {
        batches.fill(step, replica, replicas, ids, targets);
        stepSeed = StatelessRandom.bits(seed, replica, step);
        Variable recorded = loss;
        if (recorded == null) {
            recorded = model.trainingLoss(tape, ids, targets, () -> stepSeed);
            loss = recorded;
            tape.backward(recorded);
        } else {
            tape.replayAndBackward(recorded);
        }
        double mean = recorded.value().item();
        if (!Double.isFinite(mean)) {
            throw new NonFiniteException("the loss is " + mean);
        }
        return mean;
    }

    /// One whole training step: gradients, clipping, optimizer.
    ///
    /// @param clip the largest global gradient norm, infinity for no clipping
    /// @return the mean loss before the update, nats a token
    /// @throws NonFiniteException where the loss or the gradients' norm is not a number; nothing was updated
    public double step(int step, Optimizer optimizer, Schedule schedule, double clip) {
        double mean = gradients(step);
        ParameterStore parameters = model.parameters();
        update(kernels, parameters.values(), parameters.gradients(), optimizer, schedule.lr(step), clip);
        return mean;
    }

    /// Clips the gradients by their global norm and takes the optimizer's step.
    ///
    /// @param clip the largest norm, infinity for no clipping. Pascanu et al. 2013, arXiv:1211.5063
    /// @return the norm before clipping
    /// @throws NonFiniteException where the norm is not a number; nothing was updated
    public static double update(Kernels kernels, Tensor parameters, Tensor gradients, Optimizer optimizer, double lr, double clip) {
        double norm = Math.sqrt(kernels.squaredNorm(gradients));
        if (!Double.isFinite(norm)) {
            throw new NonFiniteException("the norm of the gradients is " + norm);
        }
        float scale = norm > clip ? (float) (clip / norm) : 1f;
        optimizer.step(kernels, parameters, gradients, scale, (float) lr);
        return norm;
    }

    /// The memory of activations and their gradients, in bytes.
    public long activationBytes() {
        return tape.allocatedBytes();
    }
}
