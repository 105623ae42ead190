package tributary.localsgd;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tributary.tensor.Tensor;

/// Sees to it that a round ends whole or not at all, in a group whose replicas may fail.
///
/// ```
/// begins:    everything the round may change is copied
/// a fault:   the replica takes no part in the rest of the round; where fewer than the quorum are left, everything is as it was
/// finished:  theta is finite, else everything is as it was; for each replica that was dropped a new one begins at theta
/// ```
final class RoundGuard implements Rounds.Observer {
    private final ThreadPoolGroup group;
    private final Algorithm algorithm;
    private final Tensor theta;
    private final int quorum;
    private final Rounds.Observer observer;
    private final Snapshot snapshot;
    private final Map<Integer, Fault> dropped = new TreeMap<>();
    private @Nullable Round open;
    private boolean rolledBack;

    RoundGuard(ThreadPoolGroup group, Algorithm algorithm, Tensor theta, int quorum, Rounds.Observer observer) {
        this.group = group;
        this.algorithm = algorithm;
        this.theta = theta;
        this.quorum = quorum;
        this.observer = observer;
        this.snapshot = new Snapshot(group, algorithm, theta);
    }

    /// The round that is underway, null between rounds.
    @Nullable
    Round open() {
        return open;
    }

    boolean takesPart(Replica replica) {
        return open == null || !dropped.containsKey(replica.index());
    }

    boolean rolledBack() {
        return rolledBack;
    }

    @Override
    public void begins(Round round) {
        observer.begins(round);
        snapshot.take(round);
        rolledBack = false;
        open = round;
    }

    @Override
    public void dropped(Fault fault, int left) {
        dropped.put(fault.replica(), fault);
        observer.dropped(fault, left);
    }

    /// Called when every replica has ended its part or was dropped.
    ///
    /// @param stopped whether one was asked to stop before its end
    /// @throws RoundFailedException where too few are left
    void check(Round round, boolean stopped) {
        int left = group.size() - dropped.size();
        if (left < quorum) {
            throw rollBack(round, left + " of " + group.size() + " replicas are left, the quorum is " + quorum + ": "
                    + dropped.values().stream().map(Fault::toString).collect(Collectors.joining("; ")));
        }
        if (stopped && !dropped.isEmpty()) { // it cannot go on in the middle of this round
            rollBack(round, "training was asked to stop");
        }
    }

    @Override
    public void finished(Round round) {
        if (!Double.isFinite(group.kernels().squaredNorm(theta))) {
            throw rollBack(round, "the outer step gives parameters that are not finite");
        }
        open = null;
        for (int m : dropped.keySet()) {
            algorithm.admit(group.replace(m), theta);
            group.replica(m).joinAfter(round);
        }
        dropped.clear();
        observer.finished(round);
    }

    private RoundFailedException rollBack(Round round, String reason) {
        dropped.keySet().forEach(group::replace);
        dropped.clear();
        snapshot.restore();
        open = null;
        rolledBack = true;
        return new RoundFailedException(round, reason);
    }
}
