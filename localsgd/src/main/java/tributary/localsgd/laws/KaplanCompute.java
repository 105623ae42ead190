package tributary.localsgd.laws;

import java.util.List;

/// **Kaplan's law of compute**  L = (C_c / C)^alpha_C, models of the best size for their compute.   Kaplan et al. 2020,
/// arXiv:2001.08361 C_c in PF-days, of 8.64e19 operations each. Which points are of the best size is for the caller to choose.
/// Fit and coordinates: see [Kaplan], in operations.
public record KaplanCompute() implements Kaplan {
    private static final double PF_DAY = 8.64e19;

    @Override
    public String name() {
        return "kaplan-c";
    }

    @Override
    public String formula() {
        return "L = (C_c / C)^alpha_C, C in PF-days";
    }

    @Override
    public List<Quantity> quantities() {
        return List.of(Quantity.FLOPS);
    }

    @Override
    public List<Coefficient> unknowns() {
        return List.of(Coefficient.factor("C_c"), Coefficient.trend("alpha_C", 0.01, 0.5));
    }

    @Override
    public double[] coefficients(double[] coordinates) {
        double[] values = Kaplan.super.coefficients(coordinates);
        values[0] /= PF_DAY;
        return values;
    }
}
