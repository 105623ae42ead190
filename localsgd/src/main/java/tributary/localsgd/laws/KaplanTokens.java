package tributary.localsgd.laws;

import java.util.List;

/// **Kaplan's law of data**  L = (D_c / D)^alpha_D, for models large enough for the data.   Kaplan et al. 2020, arXiv:2001.08361
/// Fit and coordinates: see [Kaplan].
public record KaplanTokens() implements Kaplan {

    @Override
    public String name() {
        return "kaplan-d";
    }

    @Override
    public String formula() {
        return "L = (D_c / D)^alpha_D";
    }

    @Override
    public List<Quantity> quantities() {
        return List.of(Quantity.TOKENS);
    }

    @Override
    public List<Coefficient> unknowns() {
        return List.of(Coefficient.factor("D_c"), Coefficient.trend("alpha_D", 0.01, 0.5));
    }
}
