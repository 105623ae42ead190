package tributary.localsgd.laws;

/// ln (e^a + e^b + ...), without overflow.
final class LogSum {
    private LogSum() {}

    /// @param terms overwritten with each term's share of the sum, which is its derivative
    static double of(double[] terms) {
        double largest = terms[0];
        for (double term : terms) {
            largest = Math.max(largest, term);
        }
        double sum = 0;
        for (int i = 0; i < terms.length; i++) {
            terms[i] = Math.exp(terms[i] - largest);
            sum += terms[i];
        }
        for (int i = 0; i < terms.length; i++) {
            terms[i] /= sum;
        }
        return largest + Math.log(sum);
    }
}
