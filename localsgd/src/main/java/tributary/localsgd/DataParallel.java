package tributary.localsgd;

import java.util.List;
import java.util.Map;
import tributary.model.Trainer;
import tributary.model.optimizer.Optimizer;
import tributary.model.optimizer.Schedule;
import tributary.tensor.Tensor;

/// **Data parallel**: at every step the replicas average their gradients and all take the same optimizer step. The
/// conventional training that local SGD is measured against.
///
/// ```
/// for t = 1 .. T
///   for each replica m, in parallel:  g_m <- gradient of the loss on rows m, m + M, ... of the batch, at theta(t-1)
///   g <- 1/M sum of g_m
///   theta(t) <- Opt(theta(t-1), clip(g))
/// ```
///
/// The one optimizer stands for the equal ones every replica would hold, and the replicas read theta where it stands. A
/// step moves 4 P bytes to and from each replica.
public final class DataParallel implements Algorithm {
    private final Optimizer opt;
    private final Schedule schedule;
    private final double clip;

    /// @param opt made for the model's flat parameters
    /// @param clip the largest norm of the averaged gradient, infinity for none
    public DataParallel(Optimizer opt, Schedule schedule, double clip) {
        this.opt = opt;
        this.schedule = schedule;
        this.clip = clip;
    }

    @Override
    public void train(Tensor theta, ReplicaGroup replicas, Rounds rounds) {
        for (Round t : rounds.of(1)) {
            List<Message> gradients = replicas.each(m -> {
                Tensor gradient = m.gradient();
                m.end();
                return m.message(gradient);
            });
            Tensor g = replicas.mean(gradients);
            Trainer.update(replicas.kernels(), theta, g, opt, schedule.lr(t.first()), clip);
            rounds.finished(t);
        }
    }

    @Override
    public boolean sharesParameters() {
        return true;
    }

    @Override
    public Map<String, Tensor> state() {
        return opt.state();
    }

    @Override
    public void resume(int rounds) {
        opt.resume(rounds);
    }
}
