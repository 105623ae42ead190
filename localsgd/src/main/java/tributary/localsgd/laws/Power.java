package tributary.localsgd.laws;

import java.util.List;

/// **Power law**  L = A N^alpha, alpha negative.   Charles et al. 2025, arXiv:2503.09799; after Kaplan et al. 2020,
/// arXiv:2001.08361
/// Fit: least squares on ln L.   Coordinates: ln A, alpha.
public record Power() implements Product {

    @Override
    public String name() {
        return "power";
    }

    @Override
    public String formula() {
        return "L = A N^alpha";
    }

    @Override
    public String source() {
        return "Charles et al. 2025, arXiv:2503.09799";
    }

    @Override
    public List<Quantity> quantities() {
        return List.of(Quantity.PARAMETERS);
    }

    @Override
    public List<Coefficient> unknowns() {
        return List.of(Coefficient.factor("A"), Coefficient.trend("alpha", -0.5, 0));
    }
}
