package tributary.localsgd.plan;

import java.util.Optional;

/// p(M, H): how many times the tokens that one replica takes, M replicas take to the same loss. Infinity where they never get there.
sealed interface ExtraTokens {

    double of(int replicas, int localSteps);

    /// Where it comes from, for people.
    String source();

    /// What to hold against it, for people.
    default Optional<String> caution() {
        return Optional.empty();
    }

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
            return ratio.source() + "; tokens that make up for it: " + tokenLaw.source();
        }

        @Override
        public Optional<String> caution() {
            return ratio.caution(parameters);
        }
    }
}
