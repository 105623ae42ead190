package tributary.localsgd;

import java.util.Optional;
import java.util.function.LongSupplier;
import tributary.localsgd.codec.Channel;
import tributary.localsgd.codec.Compression;
import tributary.model.optimizer.Schedule;
import tributary.model.optimizer.Sgd;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// Replicas that train something small by plain SGD at a constant rate.
final class ToyGroup {
    /// Takes every step.
    static final StepObserver NEVER_STOPS = new StepObserver() {
        @Override
        public boolean mayStart(int replica, int step) {
            return true;
        }

        @Override
        public void finished(int replica, int step, double loss) {}
    };

    /// A loss over a few numbers.
    abstract static class Toy implements Objective {
        private final Kernels kernels;
        final Tensor parameters;
        final Tensor gradients;

        Toy(int elements, Kernels kernels) {
            this.kernels = kernels;
            this.parameters = Tensor.zeros(elements);
            this.gradients = Tensor.zeros(elements);
        }

        @Override
        public Tensor parameters() {
            return parameters;
        }

        @Override
        public Tensor gradients() {
            return gradients;
        }

        @Override
        public Kernels kernels() {
            return kernels;
        }
    }

    /// Makes a replica's objective.
    interface Factory {
        Objective objective(int index, Kernels kernels);
    }

    private ToyGroup() {}

    static ThreadPoolGroup of(Algorithm algorithm, Pace pace, double lr, Compression compression, Factory factory) {
        return of(algorithm, pace, lr, compression, factory, Tolerance.none(pace.replicas()), NEVER_STOPS);
    }

    static ThreadPoolGroup of(Algorithm algorithm, Pace pace, double lr, Compression compression, Factory factory, Tolerance tolerance,
            StepObserver observer) {
        return of(algorithm, pace, lr, compression, factory, tolerance, System::nanoTime, observer);
    }

    /// @param clock nanoseconds, by which the tolerance's limit is measured
    static ThreadPoolGroup of(Algorithm algorithm, Pace pace, double lr, Compression compression, Factory factory, Tolerance tolerance,
            LongSupplier clock, StepObserver observer) {
        return new ThreadPoolGroup(pace.replicas(), 1, Kernels::simd, (index, kernels) -> {
            Objective objective = factory.objective(index, kernels);
            int P = objective.parameters().elements();
            Optional<Channel> channel = compression.equals(Compression.none()) ? Optional.empty()
                    : Optional.of(new Channel(compression, P, 1, index));
            return new Replica(
                    index, objective,
                    Optional.of(new Replica.InnerOpt(new Sgd(P, 0, false), new Schedule.Constant(lr), Double.POSITIVE_INFINITY)),
                    new Replica.Equipment(algorithm.memories(), channel, pace), observer);
        }, tolerance, clock);
    }
}
