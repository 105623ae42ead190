package tributary.localsgd.laws;

import java.util.List;
import java.util.Map;

/// **Power law in size and data**  L = A N^alpha D^beta, both exponents negative: [Chinchilla]'s form without its floor, as a
/// product, for budgets too small to see a floor. After Kaplan et al. 2020, arXiv:2001.08361, whose laws in N and in D are its
/// two limits. Fit: least squares on ln L.   Coordinates: ln A, alpha, beta.
public record JointTokens() implements Product {

    @Override
    public String name() {
        return "joint-tokens";
    }

    @Override
    public String formula() {
        return "L = A N^alpha D^beta";
    }

    @Override
    public String source() {
        return "after Kaplan et al. 2020, arXiv:2001.08361";
    }

    @Override
    public List<Quantity> quantities() {
        return List.of(Quantity.PARAMETERS, Quantity.TOKENS);
    }

    @Override
    public List<Coefficient> unknowns() {
        return List.of(Coefficient.factor("A"), Coefficient.trend("alpha", -0.5, 0), Coefficient.trend("beta", -0.5, 0));
    }

    /// Tokens are no way of training that would be worth some parameters.
    @Override
    public Map<Quantity, Double> effectiveSize(double[] coordinates) {
        return Map.of();
    }
}
