package tributary.localsgd.laws;

import java.util.List;

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
    public List<Coefficient> unknowns() {
        return List.of(Coefficient.factor("A"), Coefficient.trend("alpha", -1, 0), Coefficient.factor("B"),
                Coefficient.exponent("beta", 0, 1), Coefficient.floor("C"));
    }

    @Override
    public double[][] terms(double[] x) {
        return new double[][] {
            {1, Math.log(x[0]), 0, 0, 0}, // A N^alpha
            {0, 0, 1, Math.log(x[1]), 0}, // B M^beta
            {0, 0, 0, 0, 1}, // C
        };
    }
}
