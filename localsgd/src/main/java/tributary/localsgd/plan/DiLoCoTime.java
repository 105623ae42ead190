package tributary.localsgd.plan;

/// **DiLoCo**: M replicas, each data parallel over R / M workers, merge every H steps.   Charles et al. 2025, arXiv:2503.09799,
/// appendix.
///
/// ```
/// M = 1:    T [c + 2 N b / W0 (1 - 1/R) + e0] + (T / H) [2 N b / W0 (1 - 1/R) + e0]
/// M >= 2:   T [c + 2 N b / W0 (1 - M/R) + e0] + (T / H) [2 N b' / W1 (1 - 1/R) + e1]
/// ```
///
/// From H = W0 / W1 on, merging takes at most half of the communication. Differs from the paper: a replica on one worker alone does
/// not communicate at every step, where the paper still counts e0.
///
/// @param compute c = 6 N B / (R Q)
/// @param gradientBits N b, exchanged at every step
/// @param mergeBits N b', exchanged at every merge
/// @param workers R, a multiple of M
/// @param replicas M
/// @param localSteps H
/// @param inside W0, e0: between the workers of a replica
/// @param between W1, e1: between replicas
record DiLoCoTime(double compute, double gradientBits, double mergeBits, int workers, int replicas, int localSteps, Network inside,
        Network between) {

    StepTime step() {
        double perReplica = (double) workers / replicas;
        double everyStep = inside.allReduce(gradientBits, perReplica);
        double merge = replicas == 1 ? inside.allReduce(mergeBits, workers) : between.allReduce(mergeBits, workers);
        return replicas == 1
                ? new StepTime(compute, 0, everyStep + merge / localSteps, 0)
                : new StepTime(compute, 0, everyStep, merge / localSteps);
    }
}
