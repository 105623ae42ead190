package tributary.localsgd.plan;

/// **Data parallel**: every step ends with an all-reduce of the gradients.   Charles et al. 2025, arXiv:2503.09799, appendix.
///
/// ```
/// T steps take  T [c + 2 N b / W (1 - 1/R) + e],   c = 6 N B / (R Q)
/// ```
///
/// @param compute c
/// @param bits N b, of a gradient
/// @param workers R
record DataParallelTime(double compute, double bits, int workers, Network network) {

    StepTime step() {
        return new StepTime(compute, 0, network.allReduce(bits, workers), 0);
    }
}
