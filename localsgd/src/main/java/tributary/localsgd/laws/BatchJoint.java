package tributary.localsgd.laws;

import java.util.List;

/// **Joint law of the best batch**  B = A N^alpha M^beta, in tokens over all replicas.   Charles et al. 2025, arXiv:2503.09799
/// Fit: least squares on the logarithm of the optima ([Optima]).   Coordinates: ln A, alpha, beta.
public record BatchJoint() implements Product {

    @Override
    public String name() {
        return "batch-joint";
    }

    @Override
    public String formula() {
        return "B = A N^alpha M^beta";
    }

    @Override
    public String source() {
        return "Charles et al. 2025, arXiv:2503.09799";
    }

    @Override
    public Quantity target() {
        return Quantity.BATCH_TOKENS;
    }

    @Override
    public List<Quantity> quantities() {
        return List.of(Quantity.PARAMETERS, Quantity.REPLICAS);
    }

    @Override
    public List<Coefficient> unknowns() {
        return List.of(Coefficient.factor("A"), Coefficient.trend("alpha", 0, 1), Coefficient.exponent("beta", -1, 1));
    }
}
