package tributary.localsgd.cluster;

import java.util.List;
import java.util.function.Function;
import tributary.localsgd.Message;
import tributary.localsgd.Replica;
import tributary.localsgd.ReplicaGroup;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// A replica group whose replicas stand on the workers of a virtual cluster: another group really trains and sums, a
/// [VirtualClock] says when it would have been done. The numbers are the other group's, bit for bit.
///
/// For algorithms that work in rounds: all replicas meet at every exchange, and nobody computes during one.
public final class VirtualGroup implements ReplicaGroup {
    private final ReplicaGroup group;
    private final VirtualClock clock;

    /// @param group whose replicas report their steps through [VirtualClock#over]
    /// @throws IllegalArgumentException where the cluster has not one worker for each replica
    public VirtualGroup(ReplicaGroup group, Cluster cluster, VirtualClock clock) {
        if (group.size() != cluster.workers().size()) {
            throw new IllegalArgumentException("the cluster has " + cluster.workers().size() + " workers, the run " + group.size()
                    + " replicas; make replicas " + cluster.workers().size());
        }
        this.group = group;
        this.clock = clock;
    }

    @Override
    public int size() {
        return group.size();
    }

    @Override
    public <R> List<R> each(Function<Replica, R> work) {
        return group.each(work);
    }

    @Override
    public Tensor mean(List<Message> messages, Tensor into) {
        if (messages.size() != size()) {
            throw new IllegalArgumentException("virtual cluster: " + messages.size() + " of " + size()
                    + " replicas exchange messages; use an algorithm whose rounds all replicas take part in");
        }
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
