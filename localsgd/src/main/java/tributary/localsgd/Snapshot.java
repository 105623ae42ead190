package tributary.localsgd;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import tributary.tensor.Tensor;

/// All that a round may change, kept in memory since its beginning: theta, and the states of the algorithm and of every replica. It
/// takes as much memory as these.
final class Snapshot {
    private final ThreadPoolGroup group;
    private final Algorithm algorithm;
    private final Tensor theta;
    private final Map<String, Tensor> copies = new HashMap<>();
    private Map<String, Tensor> taken = Map.of();
    private Round round = new Round(0, 0, 0);
    private final int[] steps;
    private final int[] optimizerSteps;

    Snapshot(ThreadPoolGroup group, Algorithm algorithm, Tensor theta) {
        this.group = group;
        this.algorithm = algorithm;
        this.theta = theta;
        this.steps = new int[group.size()];
        this.optimizerSteps = new int[group.size()];
    }

    /// At the beginning of a round, before anything has changed.
    void take(Round round) {
        this.round = round;
        for (int m = 0; m < steps.length; m++) {
            steps[m] = group.replica(m).step();
            optimizerSteps[m] = group.replica(m).optimizerSteps();
        }
        taken = buffers();
        taken.forEach((name, buffer) -> copies.computeIfAbsent(name, _ -> Tensor.zeros(buffer.elements())).set(buffer));
    }

    /// Fills everything in again. Replicas that were replaced meanwhile go on as those they replaced.
    void restore() {
        Map<String, Tensor> buffers = buffers();
        taken.keySet().forEach(name -> buffers.get(name).set(copies.get(name)));
        algorithm.resume(round.index() - 1);
        for (int m = 0; m < steps.length; m++) {
            group.replica(m).resume(steps[m], optimizerSteps[m]);
        }
    }

    private Map<String, Tensor> buffers() {
        Map<String, Tensor> buffers = new LinkedHashMap<>(group.state(algorithm, m -> steps[m] > round.first()));
        buffers.put("theta", theta);
        return buffers;
    }
}
