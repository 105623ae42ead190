package tributary.localsgd.laws;

import java.util.List;
import java.util.Map;

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
    public List<Coefficient> unknowns() {
        return List.of(Coefficient.floor("E"), Coefficient.factor("A"), Coefficient.factor("B"), Coefficient.trend("alpha", 0, 1.5),
                Coefficient.trend("beta", 0, 1.5));
    }

    @Override
    public double[][] terms(double[] x) {
        return new double[][] {
            {1, 0, 0, 0, 0}, // E
            {0, 1, 0, -Math.log(x[0]), 0}, // A / N^alpha
            {0, 0, 1, 0, -Math.log(x[1])}, // B / D^beta
        };
    }
}
