package tributary.localsgd;

import java.util.List;
import tributary.autograd.ParameterStore;
import tributary.model.optimizer.Schedule;
import tributary.tensor.Tensor;

/// **DeMo**, decoupled momentum: after every step the replicas exchange the few largest cosine components of their momenta,
/// and keep the rest for later.   Peng et al. 2024, arXiv:2411.19870, Algorithm 1.
///
/// ```
/// for t = 1 .. T
///   for each replica m, in parallel
///     g_m <- gradient on shard m, at theta(t-1)
///     u_m <- beta u_m + g_m;   q_m <- TopK of each chunk of DCT(u_m);   u_m <- u_m - DCT^-1(q_m)
///   theta(t) <- (1 - gamma lambda) theta(t-1) - gamma sign(DCT^-1(1/M sum of q_m))
/// ```
///
/// beta, DCT and TopK are the replica's channel, whose error is the momentum: the standard is beta 0.999 and 32 of 4096
/// components of chunks of 64. All replicas take the same step, so that theta is theirs together. lambda decays the weight
/// matrices. Differs from the paper: u_m is not scaled by gamma, which the sign does not see while gamma stays the same. A step
/// moves what each q_m is encoded to from each replica, and the others' to it.
public final class DeMo implements Algorithm {
    private final Schedule gamma;
    private final float lambda;
    private final ParameterStore.Layout layout;

    /// @param lr gamma
    /// @param weightDecay lambda
    public DeMo(Schedule lr, double weightDecay, ParameterStore.Layout layout) {
        this.gamma = lr;
        this.lambda = (float) weightDecay;
        this.layout = layout;
    }

    @Override
    public void train(Tensor theta, ReplicaGroup replicas, Rounds rounds) {
        for (Round t : rounds.of(1)) {
            List<Message> components = replicas.each(m -> {
                Tensor g = m.gradient();
                m.end();
                return m.send(g, t);
            });
            Tensor u = replicas.mean(components);
            float gamma = (float) this.gamma.lr(t.first());
            for (ParameterStore.Entry entry : layout.entries()) {
                if (entry.shape().rank() >= 2) {
                    replicas.kernels().scale(1 - gamma * lambda, theta.range(entry.offset(), entry.shape()));
                }
            }
            for (int i = 0; i < u.elements(); i++) {
                theta.set(i, theta.get(i) - gamma * Math.signum(u.get(i)));
            }
            rounds.finished(t);
        }
    }

    @Override
    public boolean sharesParameters() {
        return true;
    }
}
