package tributary.localsgd.laws;

import java.util.List;

/// **The best size for a compute**  N = G (C / 6)^a.   Hoffmann et al. 2022, arXiv:2203.15556, approaches 1 and 2
/// Where [Chinchilla]'s law holds and C = 6 N D,  G = (alpha A / (beta B))^(1 / (alpha + beta)) and a = beta / (alpha + beta).
/// Fit: least squares on ln N of the optima, from [Envelope] or [Optima].   Coordinates: ln G, a.
public record BestParameters() implements Product {

    @Override
    public String name() {
        return "best-parameters";
    }

    @Override
    public String formula() {
        return "N = G (C / 6)^a";
    }

    @Override
    public String source() {
        return "Hoffmann et al. 2022, arXiv:2203.15556";
    }

    @Override
    public Quantity target() {
        return Quantity.PARAMETERS;
    }

    @Override
    public List<Quantity> quantities() {
        return List.of(Quantity.FLOPS);
    }

    @Override
    public List<Coefficient> unknowns() {
        return List.of(Coefficient.factor("G"), Coefficient.trend("a", 0, 1));
    }

    @Override
    public double[][] terms(double[] x) {
        return new double[][] {{1, Math.log(x[0] / 6)}};
    }
}
