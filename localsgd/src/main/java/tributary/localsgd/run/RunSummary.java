package tributary.localsgd.run;

import java.nio.file.Path;
import java.util.List;
import tributary.localsgd.cluster.WorkerTime;

/// What a finished run did.
///
/// @param trainLoss mean over the last 10 logged steps, nats a token
/// @param valLoss over the validation text, nats a token
/// @param tokensPerSecond over all steps, evaluation and checkpoints left out
/// @param parameters all trained numbers of the model
/// @param workers how the workers of the virtual cluster spent their time, empty without one
/// @param out the run's folder
public record RunSummary(
        int steps, long tokens, double trainLoss, double valLoss, double tokensPerSecond,
        long communicatedBytes, double elapsedSeconds, long parameters, List<WorkerTime> workers, Path out) {}
