package tributary.localsgd.plan;

import java.util.Comparator;
import java.util.Map;

/// **The best H**: how many local steps bring M replicas to a loss soonest. The formula is ours.
///
/// Replicas that meet every H steps train like a model of e(H) N parameters. To end with the loss of N they have to be a model of
/// N / e, with tokens in proportion: as many times the steps, and each of them, and each merge, as many times as long.
///
/// ```
/// time(H) ~ (c + m / H) / e(H)^2
/// ```
///
/// With c and m as [DiLoCoTime] has them, replicas of one worker each; what is a factor of both changes no H.
///
/// @param compute c, seconds in which a worker computes a step
/// @param merge m, seconds of an all-reduce among the replicas
public record BestLocalSteps(double compute, double merge) {

    /// Of M replicas on a worker each, which share a batch.
    ///
    /// @param flops of a step of all replicas
    /// @param exchanged parameters that are merged, in float32
    /// @param workerFlops that a worker does in a second
    /// @param bandwidth of a worker's line, bits a second
    public static BestLocalSteps of(int replicas, double flops, double exchanged, double workerFlops, double bandwidth) {
        return new BestLocalSteps(flops / replicas / workerFlops, new Network(bandwidth, 0).allReduce(32 * exchanged, replicas));
    }

    /// The best of several H.
    ///
    /// @param effectiveSizes e of each
    public int among(Map<Integer, Double> effectiveSizes) {
        return effectiveSizes.entrySet().stream()
                .min(Comparator.comparingDouble(H -> (compute + merge / H.getKey()) / (H.getValue() * H.getValue())))
                .orElseThrow().getKey();
    }
}
