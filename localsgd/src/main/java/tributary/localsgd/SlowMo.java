package tributary.localsgd;

import java.util.List;
import java.util.Map;
import tributary.model.optimizer.Schedule;
import tributary.tensor.Tensor;

/// **SlowMo**: a slow momentum over the averages of local SGD.   Wang et al. 2020, arXiv:1910.00643, Algorithm 1.
///
/// ```
/// for t = 1 .. T
///   for each replica m, in parallel
///     theta_m <- theta(t-1)
///     H times:  theta_m <- InnerOpt(theta_m, gradient on shard m)
///   u <- beta u + (theta(t-1) - 1/M sum of theta_m) / gamma_t
///   theta(t) <- theta(t-1) - alpha gamma_t u
/// ```
///
/// gamma_t is the inner learning rate at the round's first step: the momentum is kept in units of a gradient, so that it
/// survives a change of the rate. alpha = 1 and beta = 0 make it local SGD. The paper's beta is 0.4 to 0.8 with alpha = 1.
/// Differs from the paper: where InnerOpt has moments they stay with the replica. A round moves 4 P bytes to and from each
/// replica.
public final class SlowMo implements Algorithm {
    private final LocalSteps H;
    private final float alpha;
    private final float beta;
    private final Schedule gamma;
    private final Tensor u;

    /// @param slowLr alpha
    /// @param slowMomentum beta
    /// @param innerLr gamma
    /// @param elements P
    public SlowMo(LocalSteps localSteps, double slowLr, double slowMomentum, Schedule innerLr, int elements) {
        this.H = localSteps;
        this.alpha = (float) slowLr;
        this.beta = (float) slowMomentum;
        this.gamma = innerLr;
        this.u = Tensor.zeros(elements);
    }

    @Override
    public void train(Tensor theta, ReplicaGroup replicas, Rounds rounds) {
        for (Round t : rounds.of(H)) {
            List<Message> deltas = replicas.each(m -> m.send(m.delta(theta, m.innerSteps(theta, t)), t));
            Tensor delta = replicas.mean(deltas);
            float gamma = (float) this.gamma.lr(t.first());
            replicas.kernels().scale(beta, u);
            replicas.kernels().addScaled(1 / gamma, delta, u);
            replicas.kernels().addScaled(-alpha * gamma, u, theta);
            rounds.finished(t);
        }
    }

    @Override
    public Map<String, Tensor> state() {
        return Map.of("u", u);
    }
}
