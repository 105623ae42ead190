package tributary.localsgd.run;

import java.util.List;
import java.util.OptionalDouble;

/// One logged step of a run.
///
/// @param step inner steps done, 1 after the first
/// @param tokens tokens trained on so far, over all replicas
/// @param trainLoss the mean loss of this step's global batch, nats a token
/// @param replicaLosses the mean loss of each replica's own share of the batch, NaN where it measured none in this step
/// @param valLoss the loss on the validation data, where it was evaluated at this step, nats a token
/// @param lr the inner learning rate of this step
/// @param tokensPerSecond since the line before, evaluation and checkpoints left out
/// @param rounds synchronisations done so far
/// @param communicatedBytes between replicas so far
/// @param virtualSeconds on the virtual cluster, where the run has one, at the end of the step
/// @param elapsedSeconds since the run began, earlier sessions of a resumed run counted in
public record StepMetrics(
        int step, long tokens, double trainLoss, List<Double> replicaLosses, OptionalDouble valLoss, double lr,
        double tokensPerSecond, int rounds, long communicatedBytes, OptionalDouble virtualSeconds, double elapsedSeconds) {}
