package tributary.localsgd.plan;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tributary.localsgd.laws.Quantity;

/// How many times the loss of one replica the loss of M replicas is that take H local steps, after the same tokens.
sealed interface LossRatio {
    double of(double parameters, int replicas, int localSteps);

    /// Where it comes from, for people.
    String source();

    /// Whether H changes anything.
    default boolean knowsLocalSteps() {
        return false;
    }

    /// Of the points it stands on.
    Reach reach();

    /// M^0.0116, at any N: the joint law L = 19.226 N^-0.0985 M^0.0116 of Charles et al. 2025, arXiv:2503.09799, fitted to
    /// DiLoCo with up to 8 replicas and H = 30.
    record Published() implements LossRatio {
        private static final double BETA = 0.0116;

        @Override
        public double of(double parameters, int replicas, int localSteps) {
            return Math.pow(replicas, BETA);
        }

        @Override
        public String source() {
            return "loss M^0.0116 times that of one replica (Charles et al. 2025, arXiv:2503.09799: DiLoCo, M up to 8, H 30)";
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
        public Fitted {
            requireOfReplicas(law);
        }

        @Override
        public double of(double parameters, int replicas, int localSteps) {
            return law.at(place(parameters, replicas, localSteps)) / law.at(place(parameters, 1, 1));
        }

        @Override
        public String source() {
            return "loss against replicas: " + law.law().formula() + " of " + law.source() + ", fitted with " + law.range();
        }

        @Override
        public boolean knowsLocalSteps() {
            return law.law().quantities().contains(Quantity.LOCAL_STEPS);
        }

        @Override
        public Reach reach() {
            return law.reach();
        }
    }

    /// L(N, M, H) / L(N): a law of replicas over the law of one replica.
    record Beside(FittedLaw law, FittedLaw reference) implements LossRatio {

        public Beside {
            requireOfReplicas(law);
            requireOfSize(reference);
        }

        @Override
        public double of(double parameters, int replicas, int localSteps) {
            return replicas == 1 && localSteps == 1 ? 1
                    : law.at(place(parameters, replicas, localSteps)) / reference.at(place(parameters, replicas, localSteps));
        }

        @Override
        public String source() {
            return "loss against replicas: " + law.law().formula() + " over " + reference.law().formula()
                    + (law.source().equals(reference.source())
                            ? ", both of " + law.source() : ", of " + law.source() + " and " + reference.source())
                    + ", fitted with " + law.range();
        }

        @Override
        public boolean knowsLocalSteps() {
            return law.law().quantities().contains(Quantity.LOCAL_STEPS);
        }

        @Override
        public Reach reach() {
            return law.reach();
        }
    }

    /// L_M(N) / L(N): a law in N for each of several M over the law of one replica. Between two M, and beyond the last, the
    /// ratio is a power of M; below the first it is one of 1 replica, whose ratio is 1. What several laws have over a joint
    /// one: the penalty may shrink or grow with N as it does.
    ///
    /// @param laws by M
    record OfEach(SortedMap<Integer, FittedLaw> laws, FittedLaw reference) implements LossRatio {

        public OfEach {
            laws = Collections.unmodifiableSortedMap(new TreeMap<>(laws));
            laws.values().forEach(LossRatio::requireOfSize);
            requireOfSize(reference);
        }

        @Override
        public double of(double parameters, int replicas, int localSteps) {
            if (replicas == 1 && localSteps == 1) {
                return 1;
            }
            TreeMap<Integer, Double> known = new TreeMap<>(Map.of(1, 1.0));
            laws.keySet().forEach(M -> known.put(M, ratio(parameters, M)));
            return power(known, replicas);
        }

        private double ratio(double parameters, int replicas) {
            Map<Quantity, Double> place = place(parameters, replicas, 1);
            return laws.get(replicas).at(place) / reference.at(place);
        }

        @Override
        public String source() {
            return "loss against replicas: a law in N for each M of " + laws.keySet().stream().map(String::valueOf)
                    .collect(Collectors.joining(", ")) + ", "
                    + laws.values().stream().map(FittedLaw::source)
                            .collect(Collectors.joining(", "))
                    + ", over " + reference.source() + ", fitted with " + reference.range();
        }

        /// All sizes that every law knows, and the M.
        @Override
        public Reach reach() {
            List<Reach.Range> sizes = Stream.concat(laws.values().stream(), Stream.of(reference)).map(FittedLaw::reach)
                    .map(reach -> reach.ranges().get(Quantity.PARAMETERS)).toList();
            if (sizes.contains(null)) {
                return new Reach(Map.of());
            }
            return new Reach(Map.of(
                    Quantity.PARAMETERS, new Reach.Range(sizes.stream().mapToDouble(Reach.Range::least).max().orElseThrow(),
                            sizes.stream().mapToDouble(Reach.Range::most).min().orElseThrow()),
                    Quantity.REPLICAS, new Reach.Range(laws.firstKey(), laws.lastKey())));
        }
    }

    /// What meeting rarely costs, where it was measured: at each of several H how many times the loss that `ratio` speaks of.
    /// Between two H, and beyond the first and the last, it is a power of H. No law follows these losses: they fall with H,
    /// then rise. One replica meets nobody; its ratio stays.
    ///
    /// @param factors by H
    record ByLocalSteps(LossRatio ratio, NavigableMap<Integer, Double> factors) implements LossRatio {

        public ByLocalSteps {
            if (ratio.knowsLocalSteps()) {
                throw new IllegalArgumentException("local-steps say what H costs, and the law knows of H too; give one of the two");
            }
            factors = Collections.unmodifiableNavigableMap(new TreeMap<>(factors));
            factors.forEach((H, factor) -> {
                if (!(factor >= 0.1 && factor <= 10)) {
                    throw new IllegalArgumentException("local-steps " + H + ": " + factor
                            + " cannot be; 1.07 means that the loss with so many local steps is 1.07 times as high");
                }
            });
        }

        @Override
        public double of(double parameters, int replicas, int localSteps) {
            return ratio.of(parameters, replicas, localSteps) * (replicas == 1 ? 1 : power(factors, localSteps));
        }

        @Override
        public String source() {
            return ratio.source() + "; by H " + factors.entrySet().stream().map(entry -> entry.getKey() + ": " + entry.getValue())
                    .collect(Collectors.joining(", ")) + " times as high";
        }

        @Override
        public boolean knowsLocalSteps() {
            return true;
        }

        @Override
        public Reach reach() {
            Map<Quantity, Reach.Range> ranges = new EnumMap<>(Quantity.class);
            ranges.putAll(ratio.reach().ranges());
            ranges.put(Quantity.LOCAL_STEPS, new Reach.Range(factors.firstKey(), factors.lastKey()));
            return new Reach(ranges);
        }
    }

    /// At a place among known ones, or beyond them: a power through the two that are nearest.
    private static double power(NavigableMap<Integer, Double> known, int place) {
        if (known.containsKey(place) || known.size() == 1) {
            return known.getOrDefault(place, known.firstEntry().getValue());
        }
        Map.Entry<Integer, Double> high = Optional.ofNullable(known.higherEntry(Math.max(place, known.firstKey())))
                .orElseGet(known::lastEntry);
        Map.Entry<Integer, Double> low = known.lowerEntry(high.getKey());
        double share = Math.log((double) place / low.getKey()) / Math.log((double) high.getKey() / low.getKey());
        return low.getValue() * Math.pow(high.getValue() / low.getValue(), share);
    }

    private static void requireOfReplicas(FittedLaw law) {
        List<String> known = List.of("joint", "joint-floor", "exponent-floor", "additive-floor", "joint-local-steps");
        if (!known.contains(law.law().name())) {
            throw new IllegalArgumentException(law.source() + ": the law " + law.law().name()
                    + " does not say how the loss changes with replicas; fit one of " + String.join(", ", known));
        }
    }

    private static void requireOfSize(FittedLaw law) {
        if (!law.law().quantities().equals(List.of(Quantity.PARAMETERS))) {
            throw new IllegalArgumentException(law.source() + ": the law " + law.law().name()
                    + " is not one of the loss against size alone; fit power");
        }
    }

    private static Map<Quantity, Double> place(double parameters, int replicas, int localSteps) {
        return new EnumMap<>(Map.of(Quantity.PARAMETERS, parameters, Quantity.REPLICAS, (double) replicas, Quantity.LOCAL_STEPS,
                (double) localSteps));
    }
}
