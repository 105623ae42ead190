package tributary.localsgd.laws;

import java.util.List;

/// **Law of the best inner learning rate**  eta = A N^alpha, alpha negative.   Charles et al. 2025, arXiv:2503.09799
/// Fit: least squares on the logarithm of the optima ([Optima]).   Coordinates: ln A, alpha.
public record LearningRate() implements Product {

    @Override
    public String name() {
        return "learning-rate";
    }

    @Override
    public String formula() {
        return "eta = A N^alpha";
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
        return List.of(Quantity.PARAMETERS);
    }

    @Override
    public List<Coefficient> unknowns() {
        return List.of(Coefficient.factor("A"), Coefficient.trend("alpha", -1, 0));
    }
}
