package tributary.localsgd.plan;

/// What is trained, and how far.
///
/// @param parameters N, those that compute: without embeddings
/// @param exchanged the numbers that workers exchange: all parameters
/// @param layers L
/// @param context tokens of a sequence
/// @param tokens D, those that one replica takes to the loss in question
/// @param batchTokens B, of a step of all workers together
record Work(double parameters, double exchanged, int layers, int context, double tokens, double batchTokens) {

    Work {
        positive("parameters", parameters, "such as 1e9");
        if (!(exchanged >= parameters && exchanged <= 1e15)) {
            throw new IllegalArgumentException(
                    String.format("exchanged-parameters %s are not at least the %s parameters; count all of them,"
                            + " embeddings too", exchanged, parameters));
        }
        positive("layers", layers, "such as 24");
        positive("context", context, "such as 1024");
        positive("tokens", tokens, "such as 2e10");
        positive("batch-tokens", batchTokens, "such as 5e5");
        if (batchTokens > tokens) {
            throw new IllegalArgumentException(
                    "batch-tokens " + batchTokens + " are more than the " + tokens + " tokens of the whole training");
        }
    }

    /// FLOPs of so many tokens, forward and backward: 6 N each.   Kaplan et al. 2020, arXiv:2001.08361
    double flops(double tokens) {
        return 6 * parameters * tokens;
    }

    /// Steps of B tokens in which p D tokens pass.
    ///
    /// @param extra p
    double steps(double extra) {
        return extra * tokens / batchTokens;
    }

    static double positive(String name, double value, String mend) {
        if (!(value > 0 && value <= 1e30)) {
            throw new IllegalArgumentException(name + " " + value + " cannot be; give a positive number, " + mend);
        }
        return value;
    }
}
