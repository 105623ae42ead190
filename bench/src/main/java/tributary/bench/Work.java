package tributary.bench;

/// A workload made ready on one contender.
interface Work {

    /// Does it once.
    void run();

    /// What the last run computed: all outputs one after the other; of a training step, the loss.
    float[] result();
}
