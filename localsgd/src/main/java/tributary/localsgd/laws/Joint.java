package tributary.localsgd.laws;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.DoubleSupplier;

/// **Joint law**  L = A N^alpha M^beta.   Charles et al. 2025, arXiv:2503.09799
/// As L = A (N M^(beta / alpha))^alpha it says that M replicas train like a model of N M^(beta / alpha) parameters.
/// Fit: least squares on ln L.   Coordinates: ln A, alpha, beta.
public record Joint() implements Law {

    @Override
    public String name() {
        return "joint";
    }

    @Override
    public String formula() {
        return "L = A N^alpha M^beta";
    }

    @Override
    public String source() {
        return "Charles et al. 2025, arXiv:2503.09799";
    }

    @Override
    public List<Quantity> quantities() {
        return List.of(Quantity.PARAMETERS, Quantity.REPLICAS);
    }

    @Override
    public List<String> letters() {
        return List.of("A", "alpha", "beta");
    }

    @Override
    public List<String> trends() {
        return List.of("alpha");
    }

    @Override
    public double logLoss(double[] coordinates, double[] x, double[] gradient) {
        gradient[0] = 1;
        gradient[1] = Math.log(x[0]);
        gradient[2] = Math.log(x[1]);
        return coordinates[0] + coordinates[1] * gradient[1] + coordinates[2] * gradient[2];
    }

    @Override
    public double[] coefficients(double[] coordinates) {
        return new double[] {Math.exp(coordinates[0]), coordinates[1], coordinates[2]};
    }

    @Override
    public OptionalDouble effectiveSize(double[] coordinates) {
        return OptionalDouble.of(coordinates[2] / coordinates[1]);
    }

    @Override
    public double[] start(double loss, double[] x, DoubleSupplier uniform) {
        double alpha = -0.5 * uniform.getAsDouble();
        double beta = 0.2 * uniform.getAsDouble() - 0.1;
        return new double[] {Math.log(loss) - alpha * Math.log(x[0]) - beta * Math.log(x[1]), alpha, beta};
    }
}
