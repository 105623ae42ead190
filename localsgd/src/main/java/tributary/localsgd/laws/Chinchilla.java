package tributary.localsgd.laws;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/// **Chinchilla, approach 3**  L = E + A / N^alpha + B / D^beta.   Hoffmann et al. 2022, arXiv:2203.15556
/// Fit: Huber loss of the log errors, summed and not averaged, to a tight tolerance: Besiroglu et al. 2024,
/// arXiv:2404.10102, show what else becomes of it.   Coordinates: ln E, ln A, ln B, alpha, beta.
/// The best size for a compute C = 6 N D:  N = G (C / 6)^(beta / (alpha + beta)),  G = (alpha A / (beta B))^(1 / (alpha + beta)).
public record Chinchilla() implements Law {

    /// The size with the lowest loss for a compute C:  N = factor (C / 6)^exponent.
    public record BestSize(double factor, double exponent) {}

    /// Which size is best, by these coefficients.
    public static BestSize bestSize(Map<String, Double> coefficients) {
        double alpha = coefficients.get("alpha");
        double beta = coefficients.get("beta");
        double ratio = alpha * coefficients.get("A") / (beta * coefficients.get("B"));
        return new BestSize(Math.pow(ratio, 1 / (alpha + beta)), beta / (alpha + beta));
    }

    @Override
    public String name() {
        return "chinchilla";
    }

    @Override
    public String formula() {
        return "L = E + A / N^alpha + B / D^beta";
    }

    @Override
    public String source() {
        return "Hoffmann et al. 2022, arXiv:2203.15556";
    }

    @Override
    public List<Quantity> quantities() {
        return List.of(Quantity.PARAMETERS, Quantity.TOKENS);
    }

    @Override
    public List<String> letters() {
        return List.of("E", "A", "B", "alpha", "beta");
    }

    @Override
    public List<String> trends() {
        return List.of("alpha", "beta");
    }

    @Override
    public Optional<String> floor() {
        return Optional.of("E");
    }

    @Override
    public double logLoss(double[] coordinates, double[] x, double[] gradient) {
        double n = Math.log(x[0]);
        double d = Math.log(x[1]);
        double[] terms = {coordinates[0], coordinates[1] - coordinates[3] * n, coordinates[2] - coordinates[4] * d};
        double loss = LogSum.of(terms);
        gradient[0] = terms[0];
        gradient[1] = terms[1];
        gradient[2] = terms[2];
        gradient[3] = -terms[1] * n;
        gradient[4] = -terms[2] * d;
        return loss;
    }

    @Override
    public double[] coefficients(double[] coordinates) {
        return new double[] {
            Math.exp(coordinates[0]), Math.exp(coordinates[1]), Math.exp(coordinates[2]), coordinates[3], coordinates[4]
        };
    }

    @Override
    public double[] start(double loss, double[] x, DoubleSupplier uniform) {
        double floor = loss * (0.05 + 0.9 * uniform.getAsDouble());
        double share = 0.05 + 0.9 * uniform.getAsDouble();
        double alpha = 1.5 * uniform.getAsDouble();
        double beta = 1.5 * uniform.getAsDouble();
        return new double[] {
            Math.log(floor), Math.log(share * (loss - floor)) + alpha * Math.log(x[0]),
            Math.log((1 - share) * (loss - floor)) + beta * Math.log(x[1]), alpha, beta
        };
    }
}
