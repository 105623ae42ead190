package tributary.localsgd;

import java.util.List;
import java.util.function.Function;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// M replicas and the links between them. A round is a pure function of the global parameters and the replicas' states,
/// and sums are taken in replica order, so that any group ends with the same bits.
public interface ReplicaGroup extends AutoCloseable {

    /// M.
    int size();

    /// Lets every replica work, in parallel where there are threads for it, and returns their results in replica order.
    ///
    /// @throws RuntimeException the exception of the first replica, in their order, that failed, when all have ended
    <R> List<R> each(Function<Replica, R> work);

    /// The mean of one flat vector per replica, summed in replica order. It stands in the first of them. This is the one
    /// place where replicas communicate: each sends its vector and receives the result, 4 P bytes each way; a single
    /// replica communicates nothing.
    Tensor mean(List<Tensor> vectors);

    /// Bytes sent and received by all replicas so far.
    long communicatedBytes();

    /// For the work between rounds.
    Kernels kernels();

    @Override
    void close();
}
