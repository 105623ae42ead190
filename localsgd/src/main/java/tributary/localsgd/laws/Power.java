package tributary.localsgd.laws;

import java.util.List;
import java.util.function.DoubleSupplier;

/// **Power law**  L = A N^alpha, alpha negative.   Charles et al. 2025, arXiv:2503.09799; after Kaplan et al. 2020,
/// arXiv:2001.08361
/// Fit: least squares on ln L.   Coordinates: ln A, alpha.
public record Power() implements Law {

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
    public List<String> letters() {
        return List.of("A", "alpha");
    }

    @Override
    public List<String> trends() {
        return List.of("alpha");
    }

    @Override
    public double logLoss(double[] coordinates, double[] x, double[] gradient) {
        gradient[0] = 1;
        gradient[1] = Math.log(x[0]);
        return coordinates[0] + coordinates[1] * gradient[1];
    }

    @Override
    public double[] coefficients(double[] coordinates) {
        return new double[] {Math.exp(coordinates[0]), coordinates[1]};
    }

    @Override
    public double[] start(double loss, double[] x, DoubleSupplier uniform) {
        double alpha = -0.5 * uniform.getAsDouble();
        return new double[] {Math.log(loss) - alpha * Math.log(x[0]), alpha};
    }
}
