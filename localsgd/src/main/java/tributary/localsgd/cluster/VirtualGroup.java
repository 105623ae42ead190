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
public final class VirtualGroup implements ReplicaGroup {
    private final ReplicaGroup group;
    private final VirtualClock clock;
    private Round round = new Round(0, 0, 0);

    /// @param group whose replicas report their steps through [VirtualClock#over]
    /// @throws IllegalArgumentException where the cluster has not one worker for each replica, or one that leaves is waited for
    public VirtualGroup(ReplicaGroup group, Cluster cluster, VirtualClock clock) {
        cluster.requireWorkers(group.size());
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
        this.round = round;
        boolean[] before = clock.absent();
        boolean[] now = clock.beginRound(round.index(), Message.dense(theta));
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

    /// Whether a replica has not failed in the round, nor before it.
    public boolean isPresent(int replica) {
        return !clock.absent()[replica];
    }

    @Override
    public <R> List<R> each(Function<Replica, R> work) {
        boolean[] absent = clock.absent();
        List<Result<R>> results = group.each(m -> new Result<>(m, absent[m.index()] ? Optional.empty() : Optional.of(work.apply(m))));
        Fate[] fates = clock.dropFailed();
        List<R> left = new ArrayList<>();
        for (Result<R> result : results) {
            switch (fates[result.replica.index()]) {
                case GOOD -> result.value.ifPresent(left::add);
                case FAILED -> {
                    result.replica.forget();
                    result.replica.sitOut(round.last());
                }
                case CUT_OFF -> result.replica.sitOut(round.last());
            }
        }
        return left;
    }

    private record Result<R>(Replica replica, Optional<R> value) {}

    @Override
    public Tensor mean(List<Message> messages, Tensor into) {
        clock.exchange(senders(messages), bytes(messages), Message.dense(into));
        return group.mean(messages, into);
    }

    @Override
    public void depart(List<Message> messages, Tensor into, int flight) {
        clock.depart(senders(messages), bytes(messages), Message.dense(into), flight);
        group.mean(messages, into);
    }

    @Override
    public void arrive(int flight) {
        clock.arrive(flight);
    }

    private static List<Integer> senders(List<Message> messages) {
        return messages.stream().map(Message::sender).toList();
    }

    private static List<Long> bytes(List<Message> messages) {
        return messages.stream().map(Message::bytes).toList();
    }

    @Override
    public Tensor receive(Message message) {
        clock.meetServer(message.sender(), message.bytes(), Message.dense(message.vector()));
        return group.receive(message);
    }

    @Override
    public void collect(List<Message> messages, long asked, int flight) {
        if (!messages.isEmpty()) {
            clock.collect(senders(messages), bytes(messages), Message.dense(messages.getFirst().vector()), asked, flight);
            group.collect(messages, asked, flight);
        }
    }

    @Override
    public void gossip(Message one, Message other) {
        clock.gossip(one.sender(), one.bytes(), other.sender(), other.bytes());
    }

    @Override
    public void broadcast(Message message, List<Integer> receivers) {
        clock.broadcast(message.sender(), message.bytes(), receivers);
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
