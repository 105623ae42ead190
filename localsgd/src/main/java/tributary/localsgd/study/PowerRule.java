package tributary.localsgd.study;

/// How a setting follows from size and replicas: factor N^n M^m.
///
/// @param factor positive
/// @param parameters the exponent of N
/// @param replicas the exponent of M
public record PowerRule(double factor, double parameters, double replicas) {

    public PowerRule {
        if (!(factor > 0 && Double.isFinite(factor) && Double.isFinite(parameters) && Double.isFinite(replicas))) {
            throw new IllegalArgumentException("factor " + factor + " is not a positive number, or an exponent is none; "
                    + "the value is factor N^parameters M^replicas");
        }
    }

    /// @param N non-embedding parameters
    /// @param M replicas
    double at(long N, int M) {
        return factor * Math.pow(N, parameters) * Math.pow(M, replicas);
    }
}
