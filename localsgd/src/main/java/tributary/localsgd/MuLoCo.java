package tributary.localsgd;

import java.util.Map;
import tributary.model.optimizer.Optimizer;
import tributary.model.optimizer.Schedule;
import tributary.tensor.Tensor;

/// **MuLoCo**: DiLoCo whose InnerOpt is Muon.   Thérien et al. 2025, arXiv:2505.23725.
///
/// ```
/// for t = 1 .. T
///   for each replica m, in parallel
///     theta_m <- theta(t-1)
///     H times:  theta_m <- Muon(theta_m, gradient on shard m)         matrices; AdamW for the rest
///     Delta_m <- theta(t-1) - theta_m
///   u <- mu u + eta 1/M sum of Delta_m
///   theta(t) <- theta(t-1) - mu u - eta 1/M sum of Delta_m
/// ```
///
/// With u = eta v this is DiLoCo's Nesterov step at a constant rate, so that [DiLoCo] carries it out; which InnerOpt the replicas
/// have was decided when they were made. The paper's values are eta 0.7, mu 0.6, H 30; each Delta_m may be sent in two bits with
/// error feedback (codec `2bit+ef`).
public final class MuLoCo implements Algorithm {
    private final DiLoCo diLoCo;

    /// @param dataParallelSteps how many steps all replicas move together before the first round, 0 for none
    /// @param outerLr eta
    /// @param outerOpt made for the model's flat parameters
    public MuLoCo(int dataParallelSteps, LocalSteps localSteps, Schedule outerLr, Optimizer outerOpt) {
        this.diLoCo = new DiLoCo(dataParallelSteps, localSteps, outerLr, outerOpt);
    }

    @Override
    public void train(Tensor theta, ReplicaGroup replicas, Rounds rounds) {
        diLoCo.train(theta, replicas, rounds);
    }

    @Override
    public Map<String, Tensor> state() {
        return diLoCo.state();
    }

    @Override
    public Tensor evaluated(Tensor theta) {
        return diLoCo.evaluated(theta);
    }

    @Override
    public void resume(int rounds) {
        diLoCo.resume(rounds);
    }
}
