package tributary.localsgd.plan;

import java.util.List;
import java.util.Map;
import tributary.localsgd.laws.Quantity;

/// p(M, H): how many times the tokens that one replica takes, M replicas take to the same loss. Infinity where they never get
/// there.
sealed interface ExtraTokens {

    double of(int replicas, int localSteps);

    /// Where it comes from, for people.
    String source();

    /// How far p is from what is known, a line a law.
    default List<Distance> distances(int replicas, int localSteps) {
        return List.of();
    }

    /// @param text for people
    /// @param careful whether that makes p a guess
    record Distance(String text, boolean careful) {}

    /// The same for every number of replicas but one.
    record Measured(double factor) implements ExtraTokens {
        public Measured {
            if (!(factor >= 1 && factor <= 1e6)) {
                throw new IllegalArgumentException(
                        "extra-tokens " + factor + " cannot be; 1.1 means that several replicas take a tenth more tokens than one");
            }
        }

        @Override
        public double of(int replicas, int localSteps) {
            return replicas == 1 ? 1 : factor;
        }

        @Override
        public String source() {
            return "several replicas take " + factor + " times the tokens of one (extra-tokens of the file)";
        }
    }

    /// From a loss that is r times that of one replica after the same tokens: as many more as the law of tokens asks for.
    ///
    /// ```
    /// r(M, H) L(N, p D) = L(N, D)
    /// ```
    record FromLaw(LossRatio ratio, TokenLaw tokenLaw, double parameters, double tokens) implements ExtraTokens {

        @Override
        public double of(int replicas, int localSteps) {
            double r = ratio.of(parameters, replicas, localSteps);
            return tokenLaw.tokens(parameters, tokenLaw.loss(parameters, tokens) / r) / tokens;
        }

        @Override
        public String source() {
            return ratio.source() + (ratio.knowsLocalSteps() ? "" : "; the same at any H") + "; tokens that make up for it: "
                    + tokenLaw.source();
        }

        @Override
        public List<Distance> distances(int replicas, int localSteps) {
            Map<Quantity, Double> place = Map.of(Quantity.PARAMETERS, parameters, Quantity.TOKENS, tokens, Quantity.REPLICAS,
                    (double) replicas, Quantity.LOCAL_STEPS, (double) localSteps);
            return List.of(distance("the law of replicas", ratio.reach(), place), distance("the law of tokens", tokenLaw.reach(), place));
        }

        private static Distance distance(String law, Reach reach, Map<Quantity, Double> place) {
            if (reach.ranges().isEmpty()) {
                return new Distance(law + " comes without its points: how far from them it is used is not known", true);
            }
            return reach.beyond(place)
                    .map(beyond -> new Distance(law + " is used outside its points: " + beyond.text(), beyond.isFar()))
                    .orElseGet(() -> new Distance(law + " is used among its points", false));
        }
    }
}
