package tributary.localsgd.plan;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import tributary.localsgd.laws.Coefficient;
import tributary.localsgd.laws.Law;
import tributary.localsgd.laws.Quantity;

/// How many times the loss of one replica the loss of M replicas is that take H local steps, after the same tokens.
sealed interface LossRatio {

    double of(double parameters, int replicas, int localSteps);

    /// Where it comes from, for people.
    String source();

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
    }

    /// L(N, M, H) / L(N, 1, 1) of a fitted law.
    record Fitted(LawFile file) implements LossRatio {
        private static final List<String> OF_REPLICAS = List.of("joint", "joint-floor", "exponent-floor", "additive-floor",
                "joint-local-steps");

        public Fitted {
            if (!OF_REPLICAS.contains(file.law().name())) {
                throw new IllegalArgumentException(file.path() + ": the law " + file.law().name()
                        + " does not say how the loss changes with replicas; fit one of " + String.join(", ", OF_REPLICAS));
            }
        }

        @Override
        public double of(double parameters, int replicas, int localSteps) {
            return loss(parameters, replicas, localSteps) / loss(parameters, 1, 1);
        }

        private double loss(double parameters, int replicas, int localSteps) {
            Map<Quantity, Double> at = new EnumMap<>(Map.of(Quantity.PARAMETERS, parameters, Quantity.REPLICAS, (double) replicas,
                    Quantity.LOCAL_STEPS, (double) localSteps));
            Law law = file.law();
            double[] x = law.quantities().stream().mapToDouble(at::get).toArray();
            double loss = 0;
            for (double[] term : law.terms(x)) {
                double log = 0;
                for (int j = 0; j < term.length; j++) {
                    Coefficient unknown = law.unknowns().get(j);
                    double value = file.coefficients().get(unknown.letter());
                    boolean scales = unknown.kind() == Coefficient.Kind.FACTOR || unknown.kind() == Coefficient.Kind.FLOOR;
                    log += term[j] == 0 ? 0 : term[j] * (scales ? Math.log(value) : value);
                }
                loss += Math.exp(log);
            }
            return loss;
        }

        @Override
        public String source() {
            return "loss against replicas" + (file.law().quantities().contains(Quantity.LOCAL_STEPS) ? " and H" : ", at any H") + ": "
                    + file.law().formula() + " of " + file.path() + ", fitted with up to " + file.mostReplicas() + " replicas";
        }
    }
}
