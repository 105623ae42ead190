package tributary.localsgd.plan;

import tributary.localsgd.laws.Interval;

/// **The best H**: how many local steps bring M replicas to a loss soonest.   The formula is ours.
///
/// Replicas that meet every H steps train like a model of N H^g parameters, g = gamma / alpha of a fitted law, as a rule below zero.
/// To end with the loss of N they have to be a model of N / H^g, with tokens in proportion: as many times the steps, and each
/// of them, and each merge, as many times as long.
///
/// ```
/// time(H) ~ (c + m / H) / H^(2g),   lowest at   H = m / c (1 - a) / a,   a = -2g
/// ```
///
/// for 0 < a < 1; with a >= 1 the fewest local steps are the best, with a <= 0 the most. With c and m as [DiLoCoTime] has them, replicas
/// of one worker each, H does not depend on what is a factor of both.
///
/// @param compute c, seconds in which a worker computes a step
/// @param merge m, seconds of an all-reduce among the replicas
/// @param least of the measured H: beyond them the law is not asked
/// @param most of the measured H
public record BestLocalSteps(double compute, double merge, int least, int most) {

    /// Of M replicas on a worker each, which share a batch.
    ///
    /// @param flops of a step of all replicas
    /// @param exchanged parameters that are merged, in float32
    /// @param workerFlops that a worker does in a second
    /// @param bandwidth of a worker's line, bits a second
    public static BestLocalSteps of(int replicas, double flops, double exchanged, double workerFlops, double bandwidth, int least,
            int most) {
        return new BestLocalSteps(flops / replicas / workerFlops, new Network(bandwidth, 0).allReduce(32 * exchanged, replicas), least,
                most);
    }

    /// H, among the measured ones.
    ///
    /// @param exponent g
    public double at(double exponent) {
        double a = -2 * exponent;
        double best = a <= 0 ? Double.POSITIVE_INFINITY : a >= 1 ? 0 : merge / compute * (1 - a) / a;
        return Math.clamp(best, least, most);
    }

    /// H with an exponent that is known to lie between two: it grows with the exponent.
    public Interval at(Interval exponents) {
        return new Interval(at(exponents.low()), at(exponents.high()));
    }
}
