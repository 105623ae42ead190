package tributary.localsgd.plan;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import tributary.localsgd.laws.Quantity;

/// How many times the loss of one replica the loss of M replicas is that take H local steps, after the same tokens.
sealed interface LossRatio {
    double of(double parameters, int replicas, int localSteps);

    /// Where it comes from, for people.
    String source();

    /// Of the points it stands on.
    Reach reach();

    /// M^0.0116, at any N: the joint law L = 19.226 N^-0.0985 M^0.0116 of Charles et al. 2025, arXiv:2503.09799, fitted to DiLoCo with
    /// up to 8 replicas and H = 30.
    record Published() implements LossRatio {
        private static final double BETA = 0.0116;

        @Override
        public double of(double parameters, int replicas, int localSteps) {
            return Math.pow(replicas, BETA);
        }

        @Override
        public String source() {
            return "loss M^0.0116 times that of one replica, at any H (Charles et al. 2025, arXiv:2503.09799: DiLoCo, M up to 8, H 30)";
        }

        /// Sizes from 35M to 2.4B, all at H = 30.
        @Override
        public Reach reach() {
            return new Reach(Map.of(Quantity.PARAMETERS, new Reach.Range(3.5e7, 2.4e9), Quantity.REPLICAS, new Reach.Range(1, 8),
                    Quantity.LOCAL_STEPS, new Reach.Range(30, 30)));
        }
    }

    /// L(N, M, H) / L(N, 1, 1) of a fitted law.
    record Fitted(FittedLaw law) implements LossRatio {
        private static final List<String> OF_REPLICAS = List.of("joint", "joint-floor", "exponent-floor", "additive-floor",
                "joint-local-steps");

        public Fitted {
            if (!OF_REPLICAS.contains(law.law().name())) {
                throw new IllegalArgumentException(law.source() + ": the law " + law.law().name()
                        + " does not say how the loss changes with replicas; fit one of " + String.join(", ", OF_REPLICAS));
            }
        }

        @Override
        public double of(double parameters, int replicas, int localSteps) {
            return law.at(place(parameters, replicas, localSteps)) / law.at(place(parameters, 1, 1));
        }

        @Override
        public String source() {
            return "loss against replicas" + (law.law().quantities().contains(Quantity.LOCAL_STEPS) ? " and H" : ", at any H") + ": "
                    + law.law().formula() + " of " + law.source() + ", fitted with " + law.range();
        }

        @Override
        public Reach reach() {
            return law.reach();
        }
    }

    /// L(N, M, H) / L(N): a law of replicas over the law of one replica.
    record Beside(FittedLaw law, FittedLaw reference) implements LossRatio {

        @Override
        public double of(double parameters, int replicas, int localSteps) {
            return replicas == 1 && localSteps == 1 ? 1
                    : law.at(place(parameters, replicas, localSteps)) / reference.at(place(parameters, replicas, localSteps));
        }

        @Override
        public String source() {
            return "loss against replicas" + (law.law().quantities().contains(Quantity.LOCAL_STEPS) ? " and H" : ", at any H") + ": "
                    + law.law().formula() + " over " + reference.law().formula() + ", both of " + law.source() + ", fitted with "
                    + law.range();
        }

        @Override
        public Reach reach() {
            return law.reach();
        }
    }

    private static Map<Quantity, Double> place(double parameters, int replicas, int localSteps) {
        return new EnumMap<>(Map.of(Quantity.PARAMETERS, parameters, Quantity.REPLICAS, (double) replicas, Quantity.LOCAL_STEPS,
                (double) localSteps));
    }
}
