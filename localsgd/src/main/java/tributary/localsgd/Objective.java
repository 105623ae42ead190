package tributary.localsgd;

import tributary.model.Trainer;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// What a replica makes smaller: a loss with a gradient, on the replica's own share of the data. A pure function of the
/// parameters and the step.
public interface Objective {

    /// (P), the same buffer at all times.
    Tensor parameters();

    /// (P), the same buffer at all times.
    Tensor gradients();

    /// Computes the gradient at the parameters; it stands in [#gradients].
    ///
    /// @param step steps done before this one, 0 at the first
    /// @return the loss before any update
    double gradient(int step);

    /// With the replica's own threads.
    Kernels kernels();

    /// A language model on its rows of every batch.
    static Objective of(Trainer trainer) {
        return new Objective() {
            @Override
            public Tensor parameters() {
                return trainer.model().parameters().values();
            }

            @Override
            public Tensor gradients() {
                return trainer.model().parameters().gradients();
            }

            @Override
            public double gradient(int step) {
                return trainer.gradients(step);
            }

            @Override
            public Kernels kernels() {
                return trainer.kernels();
            }
        };
    }
}
