package tributary.localsgd.laws;

import java.util.List;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/// **Law whose exponent depends on M, with a floor**  L = A N^(alpha + beta M) + C.   Charles et al. 2025, arXiv:2503.09799
/// Fit: Huber loss of the log errors.   Coordinates: ln A, alpha, beta, ln C.
public record ExponentFloor() implements Law {

    @Override
    public String name() {
        return "exponent-floor";
    }

    @Override
    public String formula() {
        return "L = A N^(alpha + beta M) + C";
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
        return List.of("A", "alpha", "beta", "C");
    }

    @Override
    public List<String> trends() {
        return List.of("alpha");
    }

    @Override
    public Optional<String> floor() {
        return Optional.of("C");
    }

    @Override
    public double logLoss(double[] coordinates, double[] x, double[] gradient) {
        double n = Math.log(x[0]);
        double[] terms = {coordinates[0] + (coordinates[1] + coordinates[2] * x[1]) * n, coordinates[3]};
        double loss = LogSum.of(terms);
        gradient[0] = terms[0];
        gradient[1] = terms[0] * n;
        gradient[2] = terms[0] * n * x[1];
        gradient[3] = terms[1];
        return loss;
    }

    @Override
    public double[] coefficients(double[] coordinates) {
        return new double[] {Math.exp(coordinates[0]), coordinates[1], coordinates[2], Math.exp(coordinates[3])};
    }

    @Override
    public double[] start(double loss, double[] x, DoubleSupplier uniform) {
        double floor = loss * (0.05 + 0.9 * uniform.getAsDouble());
        double alpha = -uniform.getAsDouble();
        double beta = (0.2 * uniform.getAsDouble() - 0.1) / x[1];
        return new double[] {Math.log(loss - floor) - (alpha + beta * x[1]) * Math.log(x[0]), alpha, beta, Math.log(floor)};
    }
}
