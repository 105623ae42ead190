package tributary.localsgd;

import java.util.List;
import tributary.tensor.Tensor;

/// **Post-local SGD**: data parallel at first, while the loss falls fast, then local SGD.
/// Lin et al. 2020, arXiv:1808.07217, equation (4).
///
/// ```
/// for t = 1 .. t':   every replica takes a step on the mean of all gradients
/// from t' on, rounds of H steps:
///   for each replica m, in parallel
///     theta_m <- theta(t-1)
///     H times:  theta_m <- InnerOpt(theta_m, gradient on shard m)
///   theta(t) <- 1/M sum of theta_m
/// ```
///
/// Differs from the paper: InnerOpt is AdamW, as language models ask for; its moments stay with the replica.
/// A synchronisation moves 4 P bytes to and from each replica.
public final class PostLocalSgd implements Algorithm {
    private final PrePhase prePhase;
    private final LocalSteps H;

    /// @param dataParallelSteps t'
    public PostLocalSgd(int dataParallelSteps, LocalSteps localSteps) {
        this.prePhase = new PrePhase(dataParallelSteps);
        this.H = localSteps;
    }

    @Override
    public void train(Tensor theta, ReplicaGroup replicas, Rounds rounds) {
        for (Round t : rounds.of(prePhase.then(H))) {
            if (prePhase.covers(t)) {
                prePhase.step(theta, replicas);
            } else {
                List<Message> locals = replicas.each(m -> m.message(m.innerSteps(theta, t)));
                replicas.mean(locals, theta);
            }
            rounds.finished(t);
        }
    }
}
