package tributary.cli;

import java.util.Locale;

/// Where the time of a training step goes, and so what limits it. The times are lower bounds from what was measured apart;
/// the rest is what they leave.
///
/// @param step seconds of the step
/// @param ideal seconds its floating-point operations take at the multiply-add ceiling
/// @param products seconds they take at the speed of matrix products
/// @param memory seconds the optimizer's reading and writing take at the memory's speed
record Limit(double step, double ideal, double products, double memory) {
    /// From here on the step is as good as the machine.
    private static final double NEAR = 0.8;

    private double rest() {
        return Math.max(0, step - products - memory);
    }

    /// What limits the step, with its figures, for people.
    String sentence() {
        String shares = String.format(Locale.ROOT, "Of a step's time matrix products take %.0f %%, the optimizer's memory %.0f %%, the rest"
                + " (attention, activations, threads that wait) %.0f %%.",
                100 * Math.min(1, products / step), 100 * memory / step, 100 * rest() / step);
        return shares + " What limits it: " + cause() + ".";
    }

    private String cause() {
        double lostInProducts = products - ideal;
        if (ideal >= NEAR * step) {
            return "the multiply-add units; only more or wider cores make it faster";
        }
        if (rest() >= Math.max(lostInProducts, memory)) {
            return "work beside the matrix products; a larger model or batch uses the machine better";
        }
        return memory >= lostInProducts
                ? "the speed of memory; more tokens in a batch spread the optimizer's step over more work"
                : String.format(Locale.ROOT, "matrix products of this size, which reach %.0f %% of what multiply-adds alone reach;"
                        + " wider layers do better, and so does a machine with nothing else to do", 100 * ideal / products);
    }
}
