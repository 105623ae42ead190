package tributary.localsgd.laws;

import java.util.List;

/// **Joint law of the best inner learning rate**  eta = A N^alpha M^beta.   Charles et al. 2025, arXiv:2503.09799
/// Fit: least squares on the logarithm of the optima ([Optima]).   Coordinates: ln A, alpha, beta.
public record LearningRateJoint() implements Product {

    @Override
    public String name() {
        return "learning-rate-joint";
    }

    @Override
    public String formula() {
        return "eta = A N^alpha M^beta";
    }

    @Override
    public String source() {
        return "Charles et al. 2025, arXiv:2503.09799";
    }

    @Override
    public Quantity target() {
        return Quantity.LEARNING_RATE;
    }

    @Override
    public List<Quantity> quantities() {
        return List.of(Quantity.PARAMETERS, Quantity.REPLICAS);
    }

    @Override
    public List<Coefficient> unknowns() {
        return List.of(Coefficient.factor("A"), Coefficient.trend("alpha", -1, 0), Coefficient.exponent("beta", -1, 1));
    }
}
