package tributary.localsgd;

import java.util.Map;
import tributary.tensor.Tensor;

/// A way to train one model on several replicas. Each is one page that reads like its paper.
///
/// Faults, latency, threads and bytes belong to the [ReplicaGroup]; where a run begins, ends, is evaluated and saved
/// belongs to the [Rounds]. What is left is the algorithm.
public sealed interface Algorithm permits DataParallel, DiLoCo, LocalSgd {

    /// Trains from wherever `rounds` begin to their end.
    ///
    /// @param theta the global parameters, flat, changed in place
    void train(Tensor theta, ReplicaGroup replicas, Rounds rounds);

    /// H: how many steps a replica takes on its own between two synchronisations.
    int localSteps();

    /// Whether the replicas read the global parameters themselves instead of copies of their own, because none of them
    /// ever changes its copy alone.
    default boolean sharesParameters() {
        return false;
    }

    /// The buffers that are its whole state between two rounds, besides theta: by name, the buffers themselves.
    Map<String, Tensor> state();

    /// Continues from a state whose buffers have been filled in through [#state].
    ///
    /// @param rounds how many are done
    void resume(int rounds);
}
