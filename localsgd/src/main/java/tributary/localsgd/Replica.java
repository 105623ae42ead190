package tributary.localsgd;

import java.util.Optional;
import java.util.function.DoubleSupplier;
import tributary.model.Gpt;
import tributary.model.NonFiniteException;
import tributary.model.Trainer;
import tributary.model.optimizer.Optimizer;
import tributary.model.optimizer.Schedule;
import tributary.tensor.Binary;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// One of M workers: its own parameters theta_m, inner optimizer, share of the data, and threads. What a round makes of
/// it is a pure function of the global parameters and its own state.
///
/// Not for several threads.
public final class Replica {
    private final int index;
    private final Trainer trainer;
    private final Optional<InnerOpt> innerOpt;
    private final StepObserver observer;
    private int step;

    /// How a replica trains between synchronisations.
    ///
    /// @param clip the largest gradient norm, infinity for none
    public record InnerOpt(Optimizer optimizer, Schedule schedule, double clip) {}

    /// @param index m, 0 for the first
    /// @param innerOpt empty for a replica that only computes gradients
    public Replica(int index, Trainer trainer, Optional<InnerOpt> innerOpt, StepObserver observer) {
        this.index = index;
        this.trainer = trainer;
        this.innerOpt = innerOpt;
        this.observer = observer;
    }

    /// Takes the steps of a round from the global parameters on; where an earlier session stopped inside the round, from
    /// its own parameters on.
    ///
    /// @param theta theta(t-1), flat, only read
    /// @return theta_m, flat: the replica's own buffer
    /// @throws StoppedException where the observer allows no further step
    public Tensor innerSteps(Tensor theta, Round round) {
        InnerOpt inner = innerOpt.orElseThrow(() -> new IllegalStateException("replica " + index + " has no inner optimizer"));
        if (step == round.first()) {
            parameters().set(theta);
        }
        while (step < round.last()) {
            begin();
            end(attempt(() -> trainer.step(step, inner.optimizer, inner.schedule, inner.clip)));
        }
        return parameters();
    }

    /// Delta_m = theta - theta_m. It is written over the gradients, which are spent by then.
    ///
    /// @param local theta_m
    /// @return (P), valid until the next step
    public Tensor delta(Tensor theta, Tensor local) {
        Tensor delta = model().parameters().gradients();
        kernels().binary(Binary.SUBTRACT, theta, local, delta);
        return delta;
    }

    /// The gradient of the loss on this replica's rows of the batch of the round's one step, at theta.
    ///
    /// @param theta the very buffer this replica was made over
    /// @return (P), valid until the next step
    public Tensor gradient(Tensor theta, Round round) {
        if (theta != parameters()) {
            throw new IllegalArgumentException("gradient: replica " + index + " has parameters of its own");
        }
        begin();
        end(attempt(() -> trainer.gradients(round.first())));
        return model().parameters().gradients();
    }

    private void begin() {
        if (!observer.mayStart(index, step + 1)) {
            throw new StoppedException();
        }
    }

    private void end(double loss) {
        step++;
        observer.finished(index, step, loss);
    }

    private double attempt(DoubleSupplier work) {
        try {
            return work.getAsDouble();
        } catch (NonFiniteException e) {
            throw new NonFiniteException("step " + (step + 1) + ", replica " + index + ": " + e.getMessage());
        }
    }

    /// m, 0 for the first.
    public int index() {
        return index;
    }

    public Gpt model() {
        return trainer.model();
    }

    /// theta_m, flat.
    public Tensor parameters() {
        return model().parameters().values();
    }

    public Kernels kernels() {
        return trainer.kernels();
    }

    /// The inner optimizer; empty for a replica that only computes gradients.
    public Optional<Optimizer> innerOptimizer() {
        return innerOpt.map(InnerOpt::optimizer);
    }

    /// Steps done, over all rounds.
    public int step() {
        return step;
    }

    /// Continues after the given steps, from parameters and optimizer buffers that have been filled in.
    public void resume(int step) {
        this.step = step;
        innerOpt.ifPresent(inner -> inner.optimizer.resume(step));
    }
}
