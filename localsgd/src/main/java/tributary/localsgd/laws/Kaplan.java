package tributary.localsgd.laws;

/// The form of Kaplan's three laws, L = (X_c / X)^alpha: a line in ln X, found by least squares on ln L.
/// Coordinates: alpha ln X_c, alpha.
sealed interface Kaplan extends Law permits KaplanParameters, KaplanTokens, KaplanCompute {

    @Override
    default String source() {
        return "Kaplan et al. 2020, arXiv:2001.08361";
    }

    @Override
    default double[][] terms(double[] x) {
        return new double[][] {{1, -Math.log(x[0])}};
    }

    @Override
    default double[] coefficients(double[] coordinates) {
        return new double[] {Math.exp(coordinates[0] / coordinates[1]), coordinates[1]};
    }
}
