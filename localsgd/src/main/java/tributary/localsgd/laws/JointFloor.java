package tributary.localsgd.laws;

import java.util.List;
import java.util.Map;

/// **Joint law with a floor**  L = A N^alpha M^beta + C.   Charles et al. 2025, arXiv:2503.09799
/// Fit: Huber loss of the log errors.   Coordinates: ln A, alpha, beta, ln C.
public record JointFloor() implements Law {

    @Override
    public String name() {
        return "joint-floor";
    }

    @Override
    public String formula() {
        return "L = A N^alpha M^beta + C";
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
    public List<Coefficient> unknowns() {
        return List.of(Coefficient.factor("A"), Coefficient.trend("alpha", -1, 0), Coefficient.exponent("beta", -0.2, 0.2),
                Coefficient.floor("C"));
    }

    @Override
    public double[][] terms(double[] x) {
        return new double[][] {
            {1, Math.log(x[0]), Math.log(x[1]), 0}, // A N^alpha M^beta
            {0, 0, 0, 1}, // C
        };
    }

    @Override
    public Map<Quantity, Double> effectiveSize(double[] coordinates) {
        return Map.of(Quantity.REPLICAS, coordinates[2] / coordinates[1]);
    }
}
