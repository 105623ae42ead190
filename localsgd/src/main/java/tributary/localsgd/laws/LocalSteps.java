package tributary.localsgd.laws;

import java.util.List;

/// **Law of local steps**  L = A H^gamma, of one size and one number of replicas.   The form is ours, for what Charles et al. 2025,
/// arXiv:2503.09799, observe: from some H on the loss rises with H. They also find H = 1 worse than that, which no power of H
/// can say: leave it out.
/// Fit: least squares on ln L.   Coordinates: ln A, gamma.
public record LocalSteps() implements Product {

    @Override
    public String name() {
        return "local-steps";
    }

    @Override
    public String formula() {
        return "L = A H^gamma";
    }

    @Override
    public String source() {
        return "after Charles et al. 2025, arXiv:2503.09799";
    }

    @Override
    public List<Quantity> quantities() {
        return List.of(Quantity.LOCAL_STEPS);
    }

    @Override
    public List<Coefficient> unknowns() {
        return List.of(Coefficient.factor("A"), Coefficient.trend("gamma", 0, 0.1));
    }
}
