package tributary.localsgd;

import java.util.List;
import java.util.Map;
import tributary.model.optimizer.Optimizer;
import tributary.model.optimizer.Schedule;
import tributary.tensor.Tensor;

/// **DiLoCo**: replicas train alone for H steps; the mean of how far they came is an outer gradient.
/// Douillard et al. 2023, arXiv:2311.08105; in the letters of Charles et al. 2025, arXiv:2503.09799, Algorithm 1.
///
/// ```
/// for t = 1 .. T
///   for each replica m, in parallel
///     theta_m <- theta(t-1)
///     H times:  theta_m <- InnerOpt(theta_m, gradient on shard m)
///     Delta_m <- theta(t-1) - theta_m
///   Delta <- 1/M sum of Delta_m
///   theta(t) <- OuterOpt(theta(t-1), Delta)            v <- mu v + Delta;  theta <- theta - eta (Delta + mu v)
/// ```
///
/// InnerOpt is AdamW; its moments stay with the replica from round to round, only parameters are exchanged. OuterOpt is SGD
/// with Nesterov's momentum at a constant rate eta; 0.7 with mu 0.9 is customary, 0.4 in later papers, H 30 to 500. With M = 1
/// the outer step is taken all the same. A round moves 4 P bytes to and from each replica, or what each Delta_m is encoded to.
public final class DiLoCo implements Algorithm {
    private final PrePhase prePhase;
    private final LocalSteps H;
    private final Schedule eta;
    private final Optimizer outerOpt;

    /// @param dataParallelSteps how many steps all replicas move together before the first round, 0 for none
    /// @param outerLr eta
    /// @param outerOpt made for the model's flat parameters
    public DiLoCo(int dataParallelSteps, LocalSteps localSteps, Schedule outerLr, Optimizer outerOpt) {
        this.prePhase = new PrePhase(dataParallelSteps);
        this.H = localSteps;
        this.eta = outerLr;
        this.outerOpt = outerOpt;
    }

    @Override
    public void train(Tensor theta, ReplicaGroup replicas, Rounds rounds) {
        for (Round t : rounds.of(prePhase.then(H))) {
            if (prePhase.covers(t)) {
                prePhase.step(theta, replicas);
            } else {
                List<Message> deltas = replicas.each(m -> m.send(m.delta(theta, m.innerSteps(theta, t)), t));
                Tensor delta = replicas.mean(deltas);
                outerOpt.step(replicas.kernels(), theta, delta, 1f, (float) eta.lr(t.first()));
            }
            rounds.finished(t);
        }
    }

    @Override
    public Map<String, Tensor> state() {
        return outerOpt.state();
    }

    @Override
    public Tensor evaluated(Tensor theta) {
        return outerOpt.evaluated(theta);
    }

    @Override
    public void resume(int rounds) {
        outerOpt.resume(prePhase.roundsAfter(rounds));
    }
}
