package tributary.localsgd.laws;

import java.util.List;

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
    public List<Coefficient> unknowns() {
        return List.of(Coefficient.factor("A"), Coefficient.trend("alpha", -1, 0), Coefficient.exponent("beta", -0.01, 0.01),
                Coefficient.floor("C"));
    }

    @Override
    public double[][] terms(double[] x) {
        double n = Math.log(x[0]);
        return new double[][] {
            {1, n, x[1] * n, 0}, // A N^(alpha + beta M)
            {0, 0, 0, 1}, // C
        };
    }
}
