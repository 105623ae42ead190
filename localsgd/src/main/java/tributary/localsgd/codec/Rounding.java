package tributary.localsgd.codec;

import tributary.model.data.StatelessRandom;

/// How a number between two levels gets to one of them.
public enum Rounding {
    /// To the nearer one, to the even one from the middle: the smallest error.
    NEAREST,
    /// Up with the probability of the share of the way from the lower to the upper one: right on average, so that the errors
    /// of many replicas and rounds cancel. Gupta et al. 2015, arXiv:1502.02551.
    STOCHASTIC;

    /// A whole number beside `x`.
    ///
    /// @param i the place of the number in its message
    double round(double x, long key, int i) {
        return switch (this) {
            case NEAREST -> Math.rint(x);
            case STOCHASTIC -> Math.floor(x + StatelessRandom.uniform(key, i, 0));
        };
    }

    /// `name` where this is the codec's own rounding, else `name:nearest` or `name:stochastic`.
    String text(String name, Rounding own) {
        return this == own ? name : name + (this == NEAREST ? ":nearest" : ":stochastic");
    }
}
