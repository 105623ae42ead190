package tributary.localsgd.laws;

import java.util.List;
import java.util.function.DoubleSupplier;

/// **Kaplan's law of compute**  L = (C_c / C)^alpha_C, models of the best size for their compute.   Kaplan et al. 2020, arXiv:2001.08361
/// Fit: least squares on ln L.   Coordinates: see [Ratio].
/// C = 6 N D in PF-days, of 8.64e19 operations each. Which points are of the best size is for the caller to choose.
public record KaplanCompute() implements Law {
    private static final double PF_DAY = 8.64e19;

    @Override
    public String name() {
        return "kaplan-c";
    }

    @Override
    public String formula() {
        return "L = (C_c / C)^alpha_C, C = 6 N D in PF-days";
    }

    @Override
    public String source() {
        return "Kaplan et al. 2020, arXiv:2001.08361";
    }

    @Override
    public List<Quantity> quantities() {
        return List.of(Quantity.PARAMETERS, Quantity.TOKENS);
    }

    @Override
    public List<String> letters() {
        return List.of("C_c", "alpha_C");
    }

    @Override
    public List<String> trends() {
        return List.of("alpha_C");
    }

    @Override
    public double logLoss(double[] coordinates, double[] x, double[] gradient) {
        return Ratio.logLoss(coordinates, compute(x), gradient);
    }

    @Override
    public double[] coefficients(double[] coordinates) {
        return Ratio.coefficients(coordinates);
    }

    @Override
    public double[] start(double loss, double[] x, DoubleSupplier uniform) {
        return Ratio.start(loss, compute(x), uniform);
    }

    private static double compute(double[] x) {
        return 6 * x[0] * x[1] / PF_DAY;
    }
}
