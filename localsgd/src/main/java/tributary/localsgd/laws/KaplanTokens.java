package tributary.localsgd.laws;

import java.util.List;
import java.util.function.DoubleSupplier;

/// **Kaplan's law of data**  L = (D_c / D)^alpha_D, for models large enough for the data.   Kaplan et al. 2020, arXiv:2001.08361
/// Fit: least squares on ln L.   Coordinates: see [Ratio].
public record KaplanTokens() implements Law {

    @Override
    public String name() {
        return "kaplan-d";
    }

    @Override
    public String formula() {
        return "L = (D_c / D)^alpha_D";
    }

    @Override
    public String source() {
        return "Kaplan et al. 2020, arXiv:2001.08361";
    }

    @Override
    public List<Quantity> quantities() {
        return List.of(Quantity.TOKENS);
    }

    @Override
    public List<String> letters() {
        return List.of("D_c", "alpha_D");
    }

    @Override
    public List<String> trends() {
        return List.of("alpha_D");
    }

    @Override
    public double logLoss(double[] coordinates, double[] x, double[] gradient) {
        return Ratio.logLoss(coordinates, x[0], gradient);
    }

    @Override
    public double[] coefficients(double[] coordinates) {
        return Ratio.coefficients(coordinates);
    }

    @Override
    public double[] start(double loss, double[] x, DoubleSupplier uniform) {
        return Ratio.start(loss, x[0], uniform);
    }
}
