package tributary.model.optimizer;

/// The learning rate as a function of the step.
public sealed interface Schedule {

    /// @param step steps done before this one, 0 at the first
    double lr(int step);

    /// One rate from first to last.
    record Constant(double lr) implements Schedule {
        public Constant {
            check(lr);
        }

        @Override
        public double lr(int step) {
            return lr;
        }
    }

    /// Linear warm-up to `lr`, then half a cosine down to `minLr` at the last step.
    /// Loshchilov and Hutter 2017, arXiv:1608.03983, without restarts.
    ///
    /// @param warmup steps of warm-up
    /// @param steps of the whole run
    record WarmupCosine(double lr, double minLr, int warmup, int steps) implements Schedule {
        public WarmupCosine {
            check(lr, minLr, warmup, steps);
        }

        @Override
        public double lr(int step) {
            if (step < warmup) {
                return lr * (step + 1) / warmup;
            }
            double progress = Math.min(1, (step - warmup) / (double) Math.max(1, steps - warmup));
            return minLr + 0.5 * (lr - minLr) * (1 + Math.cos(Math.PI * progress));
        }
    }

    /// Warm-up, stable, decay: linear warm-up to `lr`, constant, then linear down to `minLr` over the last fifth.
    /// Hu et al. 2024, arXiv:2404.06395.
    ///
    /// @param warmup steps of warm-up
    /// @param steps of the whole run
    record WarmupStableDecay(double lr, double minLr, int warmup, int steps) implements Schedule {
        public WarmupStableDecay {
            check(lr, minLr, warmup, steps);
        }

        @Override
        public double lr(int step) {
            if (step < warmup) {
                return lr * (step + 1) / warmup;
            }
            int decay = Math.max(1, steps / 5);
            int stable = steps - decay;
            double progress = Math.clamp((step - stable) / (double) decay, 0.0, 1.0);
            return lr + (minLr - lr) * progress;
        }
    }

    private static void check(double lr, double minLr, int warmup, int steps) {
        check(lr);
        if (!(minLr >= 0 && minLr <= lr)) {
            throw new IllegalArgumentException("min-lr " + minLr + " is not between 0 and lr " + lr);
        }
        if (warmup < 0 || steps < 1 || warmup > steps) {
            throw new IllegalArgumentException("warmup " + warmup + " is not between 0 and steps " + steps);
        }
    }

    private static void check(double lr) {
        if (!(lr > 0 && lr < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("lr " + lr + " is not a positive number");
        }
    }
}
