package tributary.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntConsumer;
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
/// A small model's step is many short operations, and threads that meet after each of them lose a quarter of their time. So
/// its rows are cut in two [slices][#SLICED], each with a tape and gradients of its own, which threads take side by side
/// and meet once. Cut or not depends on the model and the rows alone: the bits are the same on any number of threads.
///
/// Not for several threads.
public final class Trainer {
    /// The parameters up to which rows are cut in two: 16 million. Beyond them a second set of gradients costs more memory,
    /// and longer operations lose less.
    private static final int SLICED = 1 << 24;
    /// The tokens from which on they are cut: below, matrix products are too small to be halved.
    private static final int WORTH_SLICING = 768;

    private final Gpt model;
    private final Kernels kernels;
    private final BatchSource batches;
    private final int replica;
    private final int replicas;
    private final long seed;
    private final IntTensor ids;
    private final IntTensor targets;
    private final List<Slice> slices = new ArrayList<>();
    private final IntConsumer work = this::slice;
    private int step;

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
        int rows = batches.rows(replica, replicas);
        this.ids = IntTensor.zeros(rows, batches.context());
        this.targets = IntTensor.zeros(rows, batches.context());
        int count = slices(model, rows, batches.context());
        List<Kernels> shares = count == 1 ? List.of(kernels) : kernels.shares(count);
        for (int i = 0; i < count; i++) {
            Tape tape = recompute ? Tape.recomputing(shares.get(i)) : new Tape(shares.get(i));
            slices.add(new Slice(i == 0 ? model : model.withOwnGradients(), tape, rows * i / count, rows * (i + 1) / count));
        }
    }

    /// A trainer that takes turns with another of the same shape, on the same kernels: what a step needs besides parameters and
    /// gradients (activations, gradients of slices) stands in the other's buffers. Only one of them may work at a time.
    ///
    /// @param model of the other's shape, with parameters and gradients of its own
    /// @throws IllegalArgumentException where the two have not as many rows of a batch
    public Trainer(Gpt model, Trainer other, int replica) {
        int rows = other.batches.rows(replica, other.replicas);
        if (!model.config().equals(other.model.config()) || rows != other.ids.shape().size(0)) {
            throw new IllegalArgumentException("trainer: " + model.config() + " with " + rows + " rows cannot take turns with "
                    + other.model.config() + " with " + other.ids.shape().size(0) + " rows");
        }
        this.model = model;
        this.kernels = other.kernels;
        this.batches = other.batches;
        this.replica = replica;
        this.replicas = other.replicas;
        this.seed = other.seed;
        this.ids = other.ids;
        this.targets = other.targets;
        for (Slice slice : other.slices) {
            Gpt own = slices.isEmpty() ? model : model.withGradients(slice.model.parameters().gradients());
            slices.add(new Slice(own, slice.tape.sharingBuffers(), slice.from, slice.to));
        }
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
        this.step = step;
        kernels.together(slices.size(), work);
        double mean = 0;
        for (int i = 0; i < slices.size(); i++) {
            Slice slice = slices.get(i);
            mean += slice.weight * slice.loss();
            if (i > 0) {
                kernels.addScaled(1, slice.model.parameters().gradients(), model.parameters().gradients());
            }
        }
        if (!Double.isFinite(mean)) {
            throw new NonFiniteException("the loss is " + mean);
        }
        return mean;
    }

    private void slice(int index) {
        slices.get(index).gradients(StatelessRandom.bits(seed, replica, step));
    }

    int slices() {
        return slices.size();
    }

    /// Of the last step, the mean over one slice's tokens.
    double sliceLoss(int slice) {
        return slices.get(slice).loss();
    }

    private static int slices(Gpt model, int rows, int context) {
        return rows > 1 && (long) rows * context >= WORTH_SLICING && model.parameters().layout().elements() <= SLICED ? 2 : 1;
    }

    /// Some of the rows: theirs are a part of the loss and of its gradients.
    private final class Slice {
        final Gpt model;
        final double weight;
        private final Tape tape;
        private final int from;
        private final int to;
        private final IntTensor ids;
        private final IntTensor targets;
        private @Nullable Variable loss;
        private long stepSeed;

        Slice(Gpt model, Tape tape, int from, int to) {
            this.model = model;
            this.tape = tape;
            this.from = from;
            this.to = to;
            int context = batches.context();
            this.ids = IntTensor.zeros(to - from, context);
            this.targets = IntTensor.zeros(to - from, context);
            this.weight = (double) (to - from) / Trainer.this.ids.shape().size(0);
        }

        void gradients(long seed) {
            stepSeed = StatelessRandom.bits(seed, from, 0);
            int first = from * batches.context();
            System.arraycopy(Trainer.this.ids.array(), first, ids.array(), 0, ids.elements());
            System.arraycopy(Trainer.this.targets.array(), first, targets.array(), 0, targets.elements());
            Variable recorded = loss;
            if (recorded == null) {
                recorded = model.trainingLoss(tape, ids, targets, () -> stepSeed);
                loss = recorded;
                tape.backward(recorded, false, (float) weight);
            } else {
                tape.replayAndBackward(recorded, (float) weight);
            }
        }

        /// The mean over the slice's tokens.
        double loss() {
            return Objects.requireNonNull(loss).value().item();
        }
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
        return slices.stream().mapToLong(slice -> slice.tape.allocatedBytes()).sum();
    }
}
