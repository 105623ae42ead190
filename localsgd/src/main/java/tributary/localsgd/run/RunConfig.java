package tributary.localsgd.run;

import java.util.Optional;
import tributary.model.data.Order;

/// All settings that decide what a run computes. Two runs with equal settings end with the same bits, on any number of
/// threads.
public record RunConfig(
        String data,
        String tokenizer,
        Order order,
        Optional<String> initFrom,
        int layers,
        int heads,
        int width,
        int context,
        double dropout,
        int batch,
        int steps,
        AlgorithmName algorithm,
        int replicas,
        int localSteps,
        double outerLr,
        double outerMomentum,
        double lr,
        double minLr,
        int warmup,
        ScheduleName schedule,
        double weightDecay,
        double beta1,
        double beta2,
        double clip,
        long seed,
        int evalEvery) {

    /// `data-parallel`, `local-sgd`, `diloco`.
    public enum AlgorithmName { DATA_PARALLEL, LOCAL_SGD, DILOCO }

    /// `cosine`, `wsd` (warm-up, stable, decay), `constant`.
    public enum ScheduleName { COSINE, WSD, CONSTANT }
}
