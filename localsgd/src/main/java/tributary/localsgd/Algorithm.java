package tributary.localsgd;

import java.util.List;
import java.util.Map;
import tributary.tensor.Tensor;

/// A way to train one model on several replicas. Each is one page that reads like its paper.
///
/// Faults, latency, threads and bytes belong to the [ReplicaGroup]; where a run begins, ends, is evaluated and saved
/// belongs to the [Rounds]. What is left is the algorithm.
public sealed interface Algorithm
        permits AsyncLocalSgd, DataParallel, DecoupledDiLoCo, DeMo, DiLoCo, FedProx, LocalSgd, Lookahead, MuLoCo, MultiCluster,
        NoLoCo, Palsgd, PostLocalSgd, Scaffold, SlowMo, Sparta, SparseLoCo, StreamingDiLoCo {

    /// Trains from wherever `rounds` begin to their end.
    ///
    /// @param theta the global parameters, flat, changed in place: what the run is evaluated on and ends with
    void train(Tensor theta, ReplicaGroup replicas, Rounds rounds);

    /// Whether the replicas read the global parameters themselves instead of copies of their own, because none of them
    /// ever changes its copy alone.
    default boolean sharesParameters() {
        return false;
    }

    /// Whether replicas go on from their own parameters in the next round, instead of starting from the global ones.
    default boolean keepsParameters() {
        return false;
    }

    /// Names of the flat vectors every replica keeps for this algorithm from round to round.
    default List<String> memories() {
        return List.of();
    }

    /// The buffers that are its whole state between two rounds, besides theta and what the replicas keep: by name, the
    /// buffers themselves.
    default Map<String, Tensor> state() {
        return Map.of();
    }

    /// Lets a replica join, at the beginning of a run or when another was dropped from the round before: fills in what it goes
    /// on from. All else that it keeps is new, and zero.
    ///
    /// @param theta flat, only read
    default void admit(Replica m, Tensor theta) {
        if (!sharesParameters()) {
            m.parameters().set(theta);
        }
    }

    /// The parameters a run ends with, where they are other ones than those the replicas start from.
    default Tensor evaluated(Tensor theta) {
        return theta;
    }

    /// Continues from a state whose buffers have been filled in through [#state].
    ///
    /// @param rounds how many are done
    default void resume(int rounds) {}
}
