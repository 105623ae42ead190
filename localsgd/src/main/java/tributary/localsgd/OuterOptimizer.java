package tributary.localsgd;

import java.util.OptionalDouble;
import tributary.autograd.ParameterStore;
import tributary.model.optimizer.AdamW;
import tributary.model.optimizer.Optimizer;
import tributary.model.optimizer.ScheduleFreeSgd;
import tributary.model.optimizer.Sgd;

/// The optimizers that can take the outer step, by the names that people write. Their gradient is Delta.
/// Reddi et al. 2021, arXiv:2003.00295; compared by Douillard et al. 2023, arXiv:2311.08105, and Khaled et al. 2025,
/// arXiv:2509.10439.
public enum OuterOptimizer {
    /// theta <- theta - eta Delta; with eta = 1 plain averaging.
    SGD(1, OptionalDouble.empty()) {
        @Override
        public Optimizer over(ParameterStore.Layout layout, double momentum) {
            return new Sgd(layout.elements(), 0, false);
        }
    },
    /// v <- mu v + Delta; theta <- theta - eta v. Its standard rate makes eta / (1 - mu) = 1.
    MOMENTUM(0.1, OptionalDouble.of(0.9)) {
        @Override
        public Optimizer over(ParameterStore.Layout layout, double momentum) {
            return new Sgd(layout.elements(), momentum, false);
        }
    },
    /// v <- mu v + Delta; theta <- theta - eta (Delta + mu v): DiLoCo's own. With mu = 0, [#SGD].
    NESTEROV(0.4, OptionalDouble.of(0.9)) {
        @Override
        public Optimizer over(ParameterStore.Layout layout, double momentum) {
            return new Sgd(layout.elements(), momentum, momentum > 0);
        }
    },
    /// Adam without decay: beta1 the momentum, beta2 0.99, epsilon 1e-3, as federated learning has them. With its bias
    /// corrections, which Reddi et al. leave out.
    ADAM(0.01, OptionalDouble.of(0.9)) {
        @Override
        public Optimizer over(ParameterStore.Layout layout, double momentum) {
            return new AdamW(layout, new AdamW.Hyperparameters(momentum, 0.99, 1e-3, 0));
        }
    },
    /// [ScheduleFreeSgd], whose beta is the momentum. The rates are those of Khaled et al.
    SCHEDULE_FREE(2, OptionalDouble.of(0.2)) {
        @Override
        public Optimizer over(ParameterStore.Layout layout, double momentum) {
            return new ScheduleFreeSgd(layout.elements(), momentum);
        }
    };

    private final double standardLr;
    private final OptionalDouble standardMomentum;

    OuterOptimizer(double standardLr, OptionalDouble standardMomentum) {
        this.standardLr = standardLr;
        this.standardMomentum = standardMomentum;
    }

    /// eta where none is given.
    public double standardLr() {
        return standardLr;
    }

    /// The momentum where none is given; empty for an optimizer that has none.
    public OptionalDouble standardMomentum() {
        return standardMomentum;
    }

    /// The optimizer, new, for parameters of this layout.
    ///
    /// @param momentum in [0, 1); without effect where [#standardMomentum] is empty
    /// @throws IllegalArgumentException for a momentum it cannot work with
    public abstract Optimizer over(ParameterStore.Layout layout, double momentum);
}
