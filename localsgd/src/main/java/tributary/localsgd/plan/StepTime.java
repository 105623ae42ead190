package tributary.localsgd.plan;

/// Where the time of a step goes, in seconds, on average over the steps of a training.
///
/// @param compute on average over the workers
/// @param waiting for slower workers, on average over the workers
/// @param inside communication within clusters that nothing hides
/// @param between communication between clusters that nothing hides
record StepTime(double compute, double waiting, double inside, double between) {

    double all() {
        return compute + waiting + inside + between;
    }

    /// The share of the time in which workers compute.
    double utilization() {
        return compute / all();
    }
}
