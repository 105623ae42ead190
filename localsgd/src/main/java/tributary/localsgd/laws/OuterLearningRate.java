package tributary.localsgd.laws;

import java.util.List;

/// **Law of the best outer learning rate**  eta = A M^alpha H^beta, whatever the size.   The form is ours, for what
/// Charles et al. 2025, arXiv:2503.09799, observe: the best rate does not depend on N and grows with M and with H.
/// Fit: least squares on the logarithm of the optima ([Optima]).   Coordinates: ln A, alpha, beta.
public record OuterLearningRate() implements Product {

    @Override
    public String name() {
        return "outer-learning-rate";
    }

    @Override
    public String formula() {
        return "eta = A M^alpha H^beta";
    }

    @Override
    public String source() {
        return "after Charles et al. 2025, arXiv:2503.09799";
    }

    @Override
    public Quantity target() {
        return Quantity.OUTER_LEARNING_RATE;
    }

    @Override
    public List<Quantity> quantities() {
        return List.of(Quantity.REPLICAS, Quantity.LOCAL_STEPS);
    }

    @Override
    public List<Coefficient> unknowns() {
        return List.of(Coefficient.factor("A"), Coefficient.trend("alpha", -1, 1), Coefficient.trend("beta", -1, 1));
    }
}
