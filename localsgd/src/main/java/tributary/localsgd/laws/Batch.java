package tributary.localsgd.laws;

import java.util.List;

/// **Law of the best batch**  B = A N^alpha, in tokens over all replicas.   Charles et al. 2025, arXiv:2503.09799
/// Fit: least squares on the logarithm of the optima ([Optima]).   Coordinates: ln A, alpha.
public record Batch() implements Product {

    @Override
    public String name() {
        return "batch";
    }

    @Override
    public String formula() {
        return "B = A N^alpha";
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
        return List.of(Quantity.PARAMETERS);
    }

    @Override
    public List<Coefficient> unknowns() {
        return List.of(Coefficient.factor("A"), Coefficient.trend("alpha", 0, 1));
    }
}
