package tributary.localsgd.run;

import java.nio.file.Path;

/// Hears of a run's progress. Called on the run's own threads, one call at a time; it should return quickly.
public interface RunListener {

    /// Something worth a line to the user: what the data are, which checkpoint it resumes from, what was repaired.
    default void message(String line) {}

    /// The model is built and training starts.
    ///
    /// @param firstStep steps already done by an earlier session, 0 for a fresh run
    default void started(RunConfig config, long parameters, int firstStep) {}

    /// A step was done by all replicas. Every step is reported, in order.
    default void step(StepMetrics metrics) {}

    /// Validation loss is being measured.
    ///
    /// @param begun batches so far
    /// @param batches altogether
    default void evaluating(int begun, int batches) {}

    /// A checkpoint was written and is complete.
    default void checkpoint(Path folder) {}
}
