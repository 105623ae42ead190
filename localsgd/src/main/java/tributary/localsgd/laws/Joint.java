package tributary.localsgd.laws;

import java.util.List;

/// **Joint law**  L = A N^alpha M^beta.   Charles et al. 2025, arXiv:2503.09799
/// As L = A (N M^(beta / alpha))^alpha it says that M replicas train like a model of N M^(beta / alpha) parameters.
/// Fit: least squares on ln L.   Coordinates: ln A, alpha, beta.
public record Joint() implements Product {

    @Override
    public String name() {
        return "joint";
    }

    @Override
    public String formula() {
        return "L = A N^alpha M^beta";
    }

    @Override
    public String source() {
        return "Charles et al. 2025, arXiv:2503.09799";
    }

    @Override
    public List<Quantity> quantities() {
        return List.of(Quantity.PARAMETERS, Quantity.REPLICAS);
    }

    @Override
    public List<Coefficient> unknowns() {
        return List.of(Coefficient.factor("A"), Coefficient.trend("alpha", -0.5, 0), Coefficient.exponent("beta", -0.1, 0.1));
    }
}
