package tributary.localsgd.plan;

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
}
