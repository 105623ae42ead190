package tributary.model.optimizer;

import java.util.List;
import tributary.autograd.ParameterStore;

/// The optimizers a replica can train with, by the names that people write.
public enum InnerOptimizer {
    /// [AdamW].
    ADAMW("beta1", "beta2", "weight-decay") {
        @Override
        public Optimizer over(ParameterStore.Layout layout, Settings settings) {
            return new AdamW(layout, settings.adamW());
        }
    },
    /// Plain [Sgd].
    SGD {
        @Override
        public Optimizer over(ParameterStore.Layout layout, Settings settings) {
            return new Sgd(layout.elements(), 0, false);
        }
    },
    /// [Sgd] with momentum.
    MOMENTUM("inner-momentum") {
        @Override
        public Optimizer over(ParameterStore.Layout layout, Settings settings) {
            return new Sgd(layout.elements(), settings.momentum(), false);
        }
    },
    /// [Sgd] with Nesterov's momentum.
    NESTEROV("inner-momentum") {
        @Override
        public Optimizer over(ParameterStore.Layout layout, Settings settings) {
            return new Sgd(layout.elements(), settings.momentum(), true);
        }
    },
    /// [Muon] for the matrices of the blocks, [AdamW] for the rest, at one learning rate.
    MUON("inner-momentum", "beta1", "beta2", "weight-decay") {
        @Override
        public Optimizer over(ParameterStore.Layout layout, Settings settings) {
            return new Muon(layout, Muon::inBlock, new Muon.Hyperparameters(
                    settings.momentum(), true, settings.weightDecay(), Muon.Rate.LIKE_ADAMW, Muon.Precision.FLOAT32), settings.adamW());
        }
    };

    private final List<String> settings;

    InnerOptimizer(String... settings) {
        this.settings = List.of(settings);
    }

    /// What an optimizer may be told. Each looks at its own part.
    ///
    /// @param momentum of SGD and Muon: 0.9 to 0.95 is customary
    public record Settings(double beta1, double beta2, double epsilon, double weightDecay, double momentum) {
        private AdamW.Hyperparameters adamW() {
            return new AdamW.Hyperparameters(beta1, beta2, epsilon, weightDecay);
        }
    }

    /// The settings it looks at, as people write them: of `beta1`, `beta2`, `weight-decay`, `inner-momentum`.
    public List<String> settings() {
        return settings;
    }

    /// The optimizer, new, for parameters of this layout.
    ///
    /// @throws IllegalArgumentException for a value it cannot work with
    public abstract Optimizer over(ParameterStore.Layout layout, Settings settings);
}
