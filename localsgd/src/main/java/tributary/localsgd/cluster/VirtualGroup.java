package tributary.localsgd.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tributary.localsgd.Algorithm;
import tributary.localsgd.Message;
import tributary.localsgd.Replica;
import tributary.localsgd.ReplicaGroup;
import tributary.localsgd.Round;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// A replica group whose replicas stand on the workers of a virtual cluster: another group really trains and sums, a
/// [VirtualClock] says when it would have been done. The numbers are the other group's, bit for bit, unless workers that fail are
/// dropped ([OnFailure]): then those of a round are the numbers of the replicas that are left.
///
/// For algorithms that work in rounds: all replicas meet at every exchange, and nobody computes during one.
public final class VirtualGroup implements ReplicaGroup {
    private final ReplicaGroup group;
    private final VirtualClock clock;

    /// @param group whose replicas report their steps through [VirtualClock#over]
    /// @throws IllegalArgumentException where the cluster has not one worker for each replica, or one that leaves is waited for
    public VirtualGroup(ReplicaGroup group, Cluster cluster, VirtualClock clock) {
        if (group.size() != cluster.workers().size()) {
            throw new IllegalArgumentException("the cluster has " + cluster.workers().size() + " workers, the run " + group.size()
                    + " replicas; make replicas " + cluster.workers().size());
        }
        if (cluster.onFailure() instanceof OnFailure.Wait) {
            cluster.workers().stream().filter(Worker::leaves).findFirst().ifPresent(worker -> {
                throw new IllegalArgumentException("worker " + worker.name()
                        + " leaves for good, and the others would wait for it for ever; let it join again, or use on-failure drop");
            });
        }
        this.group = group;
        this.clock = clock;
    }

    @Override
    public int size() {
        return group.size();
    }

    /// To be called when a round begins: it is then that workers which had failed are back.
    ///
    /// @param theta the global parameters
    public void begin(Round round, Algorithm algorithm, Tensor theta) {
        boolean[] before = clock.absent();
        boolean[] now = clock.beginRound(round.index(), Message.of(theta).bytes());
        group.each(m -> {
            if (now[m.index()]) {
                if (!before[m.index()]) {
                    m.forget();
                }
                m.sitOut(round.last());
            } else if (before[m.index()]) {
                algorithm.admit(m, theta);
            }
            return m;
        });
    }

    @Override
    public <R> List<R> each(Function<Replica, R> work) {
        boolean[] absent = clock.absent();
        List<Result<R>> results = group.each(m -> new Result<>(m, absent[m.index()] ? Optional.empty() : Optional.of(work.apply(m))));
        VirtualClock.Fate[] fates = clock.dropFailed();
        List<R> left = new ArrayList<>();
        for (Result<R> result : results) {
            switch (fates[result.replica.index()]) {
                case GOOD -> result.value.ifPresent(left::add);
                case FAILED -> result.replica.forget();
                case CUT_OFF -> {}
            }
        }
        return left;
    }

    private record Result<R>(Replica replica, Optional<R> value) {}

    @Override
    public Tensor mean(List<Message> messages, Tensor into) {
        List<Long> bytes = messages.stream().map(Message::bytes).toList();
        clock.exchange(bytes, Message.of(into).bytes());
        return group.mean(messages, into);
    }

    @Override
    public Tensor receive(Message message) {
        throw unsupported("one replica alone with a server");
    }

    @Override
    public void gossip(Message one, Message other) {
        throw unsupported("two replicas alone");
    }

    @Override
    public void broadcast(Message message, int receivers) {
        throw unsupported("one replica with some others");
    }

    private static IllegalArgumentException unsupported(String who) {
        return new IllegalArgumentException(
                "virtual cluster: an exchange of " + who + " has no virtual time yet; use an algorithm in rounds, such as diloco");
    }

    @Override
    public long communicatedBytes() {
        return clock.communicatedBytes();
    }

    @Override
    public Kernels kernels() {
        return group.kernels();
    }

    @Override
    public void close() {
        group.close();
    }
}
