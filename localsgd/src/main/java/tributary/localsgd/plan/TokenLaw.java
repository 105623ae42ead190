package tributary.localsgd.plan;

import java.util.Map;
import tributary.localsgd.laws.Quantity;

/// The loss of one replica as a function of its size and its data.
sealed interface TokenLaw {

    /// As published. The constants are rounded, which shifts losses by about a per cent: Besiroglu et al. 2024, arXiv:2404.10102.
    static TokenLaw published() {
        return new Sum(1.69, 406.4, 410.7, 0.34, 0.28, "Hoffmann et al. 2022 (arXiv:2203.15556)", new Reach(Map.of(
                Quantity.PARAMETERS, new Reach.Range(7e7, 1.6e10), Quantity.TOKENS, new Reach.Range(5e9, 5e11))));
    }

    /// As fitted to trainings: [tributary.localsgd.laws.Chinchilla], [tributary.localsgd.laws.JointTokens] or, where the size
    /// makes no difference at a number of tokens, [tributary.localsgd.laws.KaplanTokens].
    static TokenLaw fitted(FittedLaw fitted) {
        Map<String, Double> c = fitted.coefficients();
        return switch (fitted.law().name()) {
            case "chinchilla" ->
                new Sum(c.get("E"), c.get("A"), c.get("B"), c.get("alpha"), c.get("beta"), fitted.source(), fitted.reach());
            case "kaplan-d" -> new Product(Math.pow(c.get("D_c"), c.get("alpha_D")), 0, -c.get("alpha_D"), fitted.source(), fitted.reach());
            case "joint-tokens" -> new Product(c.get("A"), c.get("alpha"), c.get("beta"), fitted.source(), fitted.reach());
            default -> throw new IllegalArgumentException(fitted.source() + ": the law " + fitted.law().name()
                    + " does not say how the loss falls with tokens; fit chinchilla, joint-tokens or kaplan-d");
        };
    }

    double loss(double parameters, double tokens);

    /// The loss that no amount of data gets below.
    double lowest(double parameters);

    /// D with L(N, D) = loss, infinity where there is none.
    double tokens(double parameters, double loss);

    /// Where the numbers come from, for people.
    String source();

    Reach reach();

    /// L(N, D) = E + A / N^alpha + B / D^beta.   Hoffmann et al. 2022, arXiv:2203.15556.
    record Sum(double floor, double sizeFactor, double tokenFactor, double alpha, double beta, String source, Reach reach)
            implements
                TokenLaw {

        public Sum {
            if (!(floor >= 0 && sizeFactor > 0 && tokenFactor > 0 && alpha > 0 && beta > 0)) {
                throw new IllegalArgumentException("the law of " + source + " does not fall with parameters and tokens: E " + floor + ", A "
                        + sizeFactor + ", B " + tokenFactor + ", alpha " + alpha + ", beta " + beta);
            }
        }

        @Override
        public double loss(double parameters, double tokens) {
            return lowest(parameters) + tokenFactor / Math.pow(tokens, beta);
        }

        @Override
        public double lowest(double parameters) {
            return floor + sizeFactor / Math.pow(parameters, alpha);
        }

        @Override
        public double tokens(double parameters, double loss) {
            double rest = loss - lowest(parameters);
            return rest > 0 ? Math.pow(tokenFactor / rest, 1 / beta) : Double.POSITIVE_INFINITY;
        }
    }

    /// L(N, D) = A N^alpha D^beta, beta negative and alpha not positive.
    record Product(double factor, double alpha, double beta, String source, Reach reach) implements TokenLaw {

        public Product {
            if (!(factor > 0 && Double.isFinite(factor) && alpha <= 0 && beta < 0)) {
                throw new IllegalArgumentException("the law of " + source + " does not fall with parameters and tokens: A " + factor
                        + ", alpha " + alpha + ", beta " + beta);
            }
        }

        @Override
        public double loss(double parameters, double tokens) {
            return factor * Math.pow(parameters, alpha) * Math.pow(tokens, beta);
        }

        @Override
        public double lowest(double parameters) {
            return 0;
        }

        @Override
        public double tokens(double parameters, double loss) {
            return Math.pow(loss / (factor * Math.pow(parameters, alpha)), 1 / beta);
        }
    }
}
