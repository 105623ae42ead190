package tributary.localsgd;

import java.util.ArrayList;
import java.util.List;
import tributary.model.Evaluator;
import tributary.model.Gpt;
import tributary.model.data.Windows;
import tributary.tensor.IntTensor;

/// The loss of the global model on validation data, measured by all replicas' threads together. Which replica measures
/// what does not change the result: the batches' sums are added in their order.
public final class Evaluation {
    private final ReplicaGroup replicas;
    private final List<Evaluator> evaluators = new ArrayList<>();

    /// @param model the global model; nobody may change it during a measurement
    public Evaluation(Gpt model, ReplicaGroup replicas) {
        this.replicas = replicas;
        for (Evaluator evaluator : replicas.each(m -> new Evaluator(model, m.kernels()))) {
            evaluators.add(evaluator);
        }
    }

    /// The mean loss over all targets of the windows, nats a token.
    public double loss(Windows windows) {
        double[] sums = new double[windows.batches()];
        replicas.each(m -> {
            IntTensor ids = IntTensor.zeros(windows.batch(), windows.context());
            IntTensor targets = IntTensor.zeros(windows.batch(), windows.context());
            for (int batch = m.index(); batch < sums.length; batch += replicas.size()) {
                windows.fill(batch, ids, targets);
                sums[batch] = evaluators.get(m.index()).lossSum(ids, targets);
            }
            return m;
        });
        double sum = 0;
        for (double part : sums) {
            sum += part;
        }
        return sum / windows.targets();
    }
}
