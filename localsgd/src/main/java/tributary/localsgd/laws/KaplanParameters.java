package tributary.localsgd.laws;

import java.util.List;

/// **Kaplan's law of size**  L = (N_c / N)^alpha_N, for models trained on enough data.   Kaplan et al. 2020, arXiv:2001.08361
/// Fit and coordinates: see [Kaplan].
public record KaplanParameters() implements Kaplan {

    @Override
    public String name() {
        return "kaplan-n";
    }

    @Override
    public String formula() {
        return "L = (N_c / N)^alpha_N";
    }

    @Override
    public List<Quantity> quantities() {
        return List.of(Quantity.PARAMETERS);
    }

    @Override
    public List<Coefficient> unknowns() {
        return List.of(Coefficient.factor("N_c"), Coefficient.trend("alpha_N", 0.01, 0.5));
    }
}
