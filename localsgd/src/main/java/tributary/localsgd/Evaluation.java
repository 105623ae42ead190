package tributary.localsgd;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntPredicate;
import tributary.model.Evaluator;
import tributary.model.Gpt;
import tributary.model.data.Windows;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;

/// The loss of a model on validation data, measured by all replicas' threads together. Which replica measures what does not
/// change the result: the batches' sums are added in their order.
public final class Evaluation {
    private final ReplicaGroup replicas;
    /// One for all replicas that have the same kernels, because they work one after the other.
    private final Map<Kernels, Seat> seats = new ConcurrentHashMap<>();

    /// What a replica measures with.
    private record Seat(Gpt model, Evaluator evaluator) {}

    public Evaluation(ReplicaGroup replicas) {
        this.replicas = replicas;
    }

    /// The mean loss over all targets of the windows, nats a token.
    ///
    /// @param model nobody may change it meanwhile
    public double loss(Gpt model, Windows windows) {
        return loss(model, windows, begun -> true);
    }

    /// As above, unless it is given up.
    ///
    /// @param mayStart asked before each batch, on the replicas' threads, once at a time and in order, with the number of batches
    ///     begun so far; false ends the evaluation
    /// @throws StoppedException where it is ended
    public double loss(Gpt model, Windows windows, IntPredicate mayStart) {
        double[] sums = new double[windows.batches()];
        int[] begun = {0};
        replicas.each(m -> {
            Evaluator evaluator = evaluator(model, m);
            IntTensor ids = IntTensor.zeros(windows.batch(), windows.context());
            IntTensor targets = IntTensor.zeros(windows.batch(), windows.context());
            for (int batch = m.index(); batch < sums.length; batch += replicas.size()) {
                synchronized (begun) {
                    if (!mayStart.test(begun[0]++)) {
                        throw new StoppedException();
                    }
                }
                windows.fill(batch, ids, targets);
                sums[batch] = evaluator.lossSum(ids, targets);
            }
            return m;
        });
        double sum = 0;
        for (double part : sums) {
            sum += part;
        }
        return sum / windows.targets();
    }

    private Evaluator evaluator(Gpt model, Replica m) {
        return seats.compute(m.kernels(), (kernels, seat) -> seat != null && seat.model == model ? seat
                : new Seat(model, new Evaluator(model, kernels))).evaluator;
    }
}
