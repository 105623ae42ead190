package tributary.localsgd;

import java.util.List;
import tributary.tensor.Tensor;

/// **Lookahead**: k steps forward, one step back.   Zhang et al. 2019, arXiv:1907.08610, Algorithm 1.
///
/// ```
/// for t = 1 .. T
///   for each replica m, in parallel
///     theta_m <- phi(t-1)
///     k times:  theta_m <- InnerOpt(theta_m, gradient on shard m)                    fast weights
///   phi(t) <- phi(t-1) + alpha (1/M sum of theta_m - phi(t-1))                       slow weights
/// ```
///
/// The paper has one replica; several average before the step back. k = 5 to 10 and alpha = 0.5 are its values. The
/// moments of InnerOpt are kept, as the paper prefers for language models. A round moves 4 P bytes to and from each replica.
public final class Lookahead implements Algorithm {
    private final LocalSteps k;
    private final float alpha;

    /// @param localSteps k
    /// @param slowLr alpha
    public Lookahead(LocalSteps localSteps, double slowLr) {
        this.k = localSteps;
        this.alpha = (float) slowLr;
    }

    @Override
    public void train(Tensor theta, ReplicaGroup replicas, Rounds rounds) {
        for (Round t : rounds.of(k)) {
            List<Message> deltas = replicas.each(m -> m.send(m.delta(theta, m.innerSteps(theta, t)), t));
            Tensor delta = replicas.mean(deltas);
            replicas.kernels().addScaled(-alpha, delta, theta);
            rounds.finished(t);
        }
    }
}
