package tributary.localsgd.laws;

import java.util.List;

/// **The best amount of data for a compute**  D = K (C / 6)^b.   Hoffmann et al. 2022, arXiv:2203.15556, approaches 1 and 2
/// Where [Chinchilla]'s law holds and C = 6 N D,  K = 1 / G and b = alpha / (alpha + beta), G that of [BestParameters].
/// Fit: least squares on ln D of the optima, from [Envelope] or [Optima].   Coordinates: ln K, b.
public record BestTokens() implements Product {

    @Override
    public String name() {
        return "best-tokens";
    }

    @Override
    public String formula() {
        return "D = K (C / 6)^b";
    }

    @Override
    public String source() {
        return "Hoffmann et al. 2022, arXiv:2203.15556";
    }

    @Override
    public Quantity target() {
        return Quantity.TOKENS;
    }

    @Override
    public List<Quantity> quantities() {
        return List.of(Quantity.FLOPS);
    }

    @Override
    public List<Coefficient> unknowns() {
        return List.of(Coefficient.factor("K"), Coefficient.trend("b", 0, 1));
    }

    @Override
    public double[][] terms(double[] x) {
        return new double[][] {{1, Math.log(x[0] / 6)}};
    }
}
