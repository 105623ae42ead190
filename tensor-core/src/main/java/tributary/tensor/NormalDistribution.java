package tributary.tensor;

/// The standard normal distribution in float64.
final class NormalDistribution {
    private static final double SQRT_PI = Math.sqrt(Math.PI);

    private NormalDistribution() {}

    /// The density: e^(-x^2 / 2) / sqrt(2 pi).
    static double density(double x) {
        return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
    }

    /// The share below x, Phi(x) = erfc(-x / sqrt(2)) / 2, precise to a few ulp also far below zero.
    static double cumulative(double x) {
        return 0.5 * complementaryError(-x / Math.sqrt(2));
    }

    private static double complementaryError(double z) {
        if (z < 0) {
            return 2 - complementaryError(-z);
        }
        return z < 2.5 ? 1 - error(z) : continuedFraction(z);
    }

    // erf z = 2 / sqrt(pi) e^(-z^2) sum over n of 2^n z^(2n+1) / (1 3 5 ... (2n+1)): all terms positive, so no digits cancel.
    private static double error(double z) {
        double term = z;
        double sum = z;
        for (int n = 1; term > sum * 1e-17; n++) {
            term *= 2 * z * z / (2 * n + 1);
            sum += term;
        }
        return 2 / SQRT_PI * Math.exp(-z * z) * sum;
    }

    // erfc z = e^(-z^2) / sqrt(pi) / (z + (1/2) / (z + (2/2) / (z + (3/2) / (z + ...)))), from the inside out.
    private static double continuedFraction(double z) {
        double fraction = z;
        for (int n = 120; n >= 1; n--) {
            fraction = z + 0.5 * n / fraction;
        }
        return Math.exp(-z * z) / SQRT_PI / fraction;
    }
}
