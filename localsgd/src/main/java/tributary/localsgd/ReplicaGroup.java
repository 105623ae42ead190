package tributary.localsgd;

import java.util.List;
import java.util.function.Function;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// M replicas and the links between them. A round is a pure function of the global parameters and the replicas' states,
/// and sums are taken in replica order, so that any group ends with the same bits.
///
/// Replicas communicate in four ways only: all at once ([#mean]), one of them with a server ([#receive]), in pairs ([#gossip]), and
/// one to others ([#broadcast]). A single replica communicates nothing.
public interface ReplicaGroup extends AutoCloseable {

    /// M.
    int size();

    /// Lets every replica work, in parallel where there are threads for it, and returns their results in replica order. In a
    /// group whose replicas may fail, those that did take no part in the rest of the round, and have no result.
    ///
    /// @param work writes to nothing but what belongs to the replica: one that hangs goes on when nobody waits for it any more
    /// @throws RuntimeException the exception of the first replica, in their order, that failed where none may, when all have ended
    /// @throws RoundFailedException where fewer than the quorum are left
    <R> List<R> each(Function<Replica, R> work);

    /// The mean of the messages of all replicas, or of some, summed in replica order. Each of them sends its message and
    /// receives those of the others, or their mean in float32 where that is shorter.
    ///
    /// @param into overwritten; may be the vector of the first message
    /// @return `into`
    Tensor mean(List<Message> messages, Tensor into);

    /// As [#mean(List, Tensor)], written over the vector of the first message.
    default Tensor mean(List<Message> messages) {
        return mean(messages, messages.getFirst().vector());
    }

    /// A server takes a replica's message, and the replica takes as many numbers in float32 back.
    ///
    /// @return what arrived
    Tensor receive(Message message);

    /// As [#receive], from some replicas that go on meanwhile, and to all of them when the last message is there.
    ///
    /// @param asked the moment of the [Pace] at which the server asks for the messages
    /// @param flight names what is underway
    default void collect(List<Message> messages, long asked, int flight) {
        messages.forEach(this::receive);
    }

    /// Two replicas send each other a message.
    void gossip(Message one, Message other);

    /// A replica sends a message to some of the others.
    ///
    /// @param receivers their indices
    void broadcast(Message message, List<Integer> receivers);

    /// As [#mean(List, Tensor)], for replicas that go on while their messages are underway: nobody looks at the mean before
    /// [#arrive].
    ///
    /// @param flight names what is underway
    default void depart(List<Message> messages, Tensor into, int flight) {
        mean(messages, into);
    }

    /// All replicas wait until what departed under this name is there.
    default void arrive(int flight) {}

    /// The mean of the replicas' vectors to look at a run by; no algorithm goes on from it, so nothing is communicated.
    ///
    /// @param into overwritten
    default void observe(List<Tensor> vectors, Tensor into) {
        into.set(vectors.getFirst());
        for (Tensor vector : vectors.subList(1, vectors.size())) {
            kernels().addScaled(1f, vector, into);
        }
        kernels().scale(1f / vectors.size(), into);
    }

    /// Bytes sent and received by all replicas so far.
    long communicatedBytes();

    /// For the work between rounds.
    Kernels kernels();

    @Override
    void close();
}
