package tributary.localsgd;

import tributary.model.optimizer.Schedule;

/// H as a function of where the run stands.
@FunctionalInterface
public interface LocalSteps {

    /// H of the round that begins after `step` steps.
    int at(int step);

    /// One H from first to last.
    record Constant(int H) implements LocalSteps {
        public Constant {
            check(H);
        }

        @Override
        public int at(int step) {
            return H;
        }
    }

    /// **Quadratic synchronisation rule**: the lower the learning rate, the rarer the merges.
    /// Gu et al. 2024, arXiv:2310.14423.
    ///
    /// ```
    /// H(t) = max(Hbase, floor((alpha / eta_t)^2))
    /// ```
    ///
    /// During warm-up H is what it will be right after it.
    ///
    /// @param base Hbase
    /// @param alpha in units of the learning rate: at eta = alpha / sqrt(Hbase) H begins to grow
    /// @param lr eta, the inner learning rate
    /// @param warmup steps of its warm-up
    record Quadratic(int base, double alpha, Schedule lr, int warmup) implements LocalSteps {
        public Quadratic {
            check(base);
            if (!(alpha > 0 && alpha < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("qsr-alpha " + alpha + " is not a positive number");
            }
        }

        @Override
        public int at(int step) {
            double ratio = alpha / lr.lr(Math.max(step, warmup));
            return (int) Math.max(base, Math.min(Integer.MAX_VALUE / 2, Math.floor(ratio * ratio)));
        }
    }

    private static void check(int H) {
        if (H < 1) {
            throw new IllegalArgumentException("local-steps " + H + " is not positive; 1 synchronises after every step");
        }
    }
}
