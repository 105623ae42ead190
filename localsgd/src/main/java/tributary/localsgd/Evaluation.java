package tributary.localsgd;

import org.jspecify.annotations.Nullable;
import tributary.model.Evaluator;
import tributary.model.Gpt;
import tributary.model.data.Windows;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;

/// The loss of a model on validation data, measured by all replicas' threads together. Which replica measures what does not
/// change the result: the batches' sums are added in their order.
public final class Evaluation {
    private final ReplicaGroup replicas;
    private final @Nullable Seat[] seats;

    /// What a replica measures with, on the kernels that it had then.
    private record Seat(Gpt model, Kernels kernels, Evaluator evaluator) {}

    public Evaluation(ReplicaGroup replicas) {
        this.replicas = replicas;
        this.seats = new Seat[replicas.size()];
    }

    /// The mean loss over all targets of the windows, nats a token.
    ///
    /// @param model nobody may change it meanwhile
    public double loss(Gpt model, Windows windows) {
        double[] sums = new double[windows.batches()];
        replicas.each(m -> {
            Evaluator evaluator = evaluator(model, m);
            IntTensor ids = IntTensor.zeros(windows.batch(), windows.context());
            IntTensor targets = IntTensor.zeros(windows.batch(), windows.context());
            for (int batch = m.index(); batch < sums.length; batch += replicas.size()) {
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
        Seat seat = seats[m.index()];
        if (seat == null || seat.model != model || seat.kernels != m.kernels()) {
            seat = new Seat(model, m.kernels(), new Evaluator(model, m.kernels()));
            seats[m.index()] = seat;
        }
        return seat.evaluator;
    }
}
