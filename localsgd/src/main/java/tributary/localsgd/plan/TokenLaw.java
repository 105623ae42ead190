package tributary.localsgd.plan;

import java.util.Map;

/// The loss of one replica as a function of its size and its data:  L(N, D) = E + A / N^alpha + B / D^beta.   Hoffmann et al. 2022,
/// arXiv:2203.15556.
///
/// @param source where the numbers come from, for people
record TokenLaw(double floor, double sizeFactor, double tokenFactor, double alpha, double beta, String source) {

    TokenLaw {
        if (!(floor >= 0 && sizeFactor > 0 && tokenFactor > 0 && alpha > 0 && beta > 0)) {
            throw new IllegalArgumentException("the law of " + source + " does not fall with parameters and tokens: E " + floor + ", A "
                    + sizeFactor + ", B " + tokenFactor + ", alpha " + alpha + ", beta " + beta);
        }
    }

    /// As published. The constants are rounded, which shifts losses by about a per cent: Besiroglu et al. 2024, arXiv:2404.10102.
    static TokenLaw published() {
        return new TokenLaw(1.69, 406.4, 410.7, 0.34, 0.28, "Hoffmann et al. 2022 (arXiv:2203.15556)");
    }

    /// As fitted to trainings.
    static TokenLaw fitted(FittedLaw fitted) {
        if (!fitted.law().name().equals("chinchilla")) {
            throw new IllegalArgumentException(
                    fitted.source() + ": the law " + fitted.law().name() + " does not say how the loss falls with tokens; fit chinchilla");
        }
        Map<String, Double> c = fitted.coefficients();
        return new TokenLaw(c.get("E"), c.get("A"), c.get("B"), c.get("alpha"), c.get("beta"), fitted.source());
    }

    double loss(double parameters, double tokens) {
        return lowest(parameters) + tokenFactor / Math.pow(tokens, beta);
    }

    /// The loss that no amount of data gets below.
    double lowest(double parameters) {
        return floor + sizeFactor / Math.pow(parameters, alpha);
    }

    /// D with L(N, D) = loss, infinity where there is none.
    double tokens(double parameters, double loss) {
        double rest = loss - lowest(parameters);
        return rest > 0 ? Math.pow(tokenFactor / rest, 1 / beta) : Double.POSITIVE_INFINITY;
    }
}
