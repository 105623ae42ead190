package tributary.localsgd.laws;

import java.util.List;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/// **Additive law with a floor**  L = A N^alpha + B M^beta + C.   Charles et al. 2025, arXiv:2503.09799
/// Fit: Huber loss of the log errors.   Coordinates: ln A, alpha, ln B, beta, ln C.
public record AdditiveFloor() implements Law {

    @Override
    public String name() {
        return "additive-floor";
    }

    @Override
    public String formula() {
        return "L = A N^alpha + B M^beta + C";
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
        return List.of("A", "alpha", "B", "beta", "C");
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
        double m = Math.log(x[1]);
        double[] terms = {coordinates[0] + coordinates[1] * n, coordinates[2] + coordinates[3] * m, coordinates[4]};
        double loss = LogSum.of(terms);
        gradient[0] = terms[0];
        gradient[1] = terms[0] * n;
        gradient[2] = terms[1];
        gradient[3] = terms[1] * m;
        gradient[4] = terms[2];
        return loss;
    }

    @Override
    public double[] coefficients(double[] coordinates) {
        return new double[] {
            Math.exp(coordinates[0]), coordinates[1], Math.exp(coordinates[2]), coordinates[3], Math.exp(coordinates[4])
        };
    }

    @Override
    public double[] start(double loss, double[] x, DoubleSupplier uniform) {
        double floor = loss * (0.05 + 0.85 * uniform.getAsDouble());
        double alpha = -uniform.getAsDouble();
        double beta = 1.5 * uniform.getAsDouble();
        double share = 0.01 + 0.3 * uniform.getAsDouble();
        return new double[] {
            Math.log((1 - share) * (loss - floor)) - alpha * Math.log(x[0]), alpha,
            Math.log(share * (loss - floor)) - beta * Math.log(x[1]), beta, Math.log(floor)
        };
    }
}
