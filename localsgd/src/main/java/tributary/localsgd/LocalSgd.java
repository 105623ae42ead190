package tributary.localsgd;

import java.util.List;
import tributary.tensor.Tensor;

/// **Local SGD**: replicas train alone for H steps, then all take the mean of their parameters.
/// Stich 2019, arXiv:1805.09767; as federated averaging, McMahan et al. 2017, arXiv:1602.05629.
///
/// ```
/// for t = 1 .. T
///   for each replica m, in parallel
///     theta_m <- theta(t-1)
///     H times:  theta_m <- InnerOpt(theta_m, gradient on shard m)
///   theta(t) <- 1/M sum of theta_m
/// ```
///
/// Differs from the paper: InnerOpt is AdamW, as language models ask for; its moments stay with the replica.
/// It is DiLoCo with plain SGD at rate 1 outside. A round moves 4 P bytes to and from each replica.
public final class LocalSgd implements Algorithm {
    private final LocalSteps H;

    public LocalSgd(LocalSteps localSteps) {
        this.H = localSteps;
    }

    @Override
    public void train(Tensor theta, ReplicaGroup replicas, Rounds rounds) {
        for (Round t : rounds.of(H)) {
            List<Message> locals = replicas.each(m -> m.message(m.innerSteps(theta, t)));
            replicas.mean(locals, theta);
            rounds.finished(t);
        }
    }
}
