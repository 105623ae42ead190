package tributary.localsgd;

import java.util.List;
import tributary.tensor.Tensor;

/// **SparseLoCo**: the outer gradient is sent as a few large numbers, and what was left out is added to the next; the error
/// takes the place of the outer momentum.   Sarfi et al. 2025, arXiv:2508.15706, Algorithm 1.
///
/// ```
/// for t = 1 .. T
///   for each replica m, in parallel
///     theta_m <- theta(t-1)
///     H times:  theta_m <- InnerOpt(theta_m, gradient on shard m)
///     e_m <- beta e_m + theta(t-1) - theta_m;   D_m <- Q(TopK of each chunk of e_m);   e_m <- e_m - D_m
///   theta(t) <- theta(t-1) - alpha 1/M sum of D_m
/// ```
///
/// TopK, Q and beta are the replica's channel: the standard is 32 of 4096 numbers in two bits, beta 0.95, with alpha 1 and H
/// 15. Published runs divide each number by how many replicas sent it, not by M: that is the mean of `SENDERS`. With M = 1
/// nothing is left out of the count, but the channel still decides what arrives.
public final class SparseLoCo implements Algorithm {
    private final LocalSteps H;
    private final float alpha;
    private final Mean mean;

    /// What the sum of a number is divided by.
    public enum Mean {
        /// M, as the paper's equation says.
        ALL,
        /// How many replicas sent it, as the published code does.
        SENDERS
    }

    /// @param outerLr alpha
    public SparseLoCo(LocalSteps localSteps, double outerLr, Mean mean) {
        this.H = localSteps;
        this.alpha = (float) outerLr;
        this.mean = mean;
    }

    @Override
    public void train(Tensor theta, ReplicaGroup replicas, Rounds rounds) {
        for (Round t : rounds.of(H)) {
            List<Message> sparse = replicas.each(m -> m.send(m.delta(theta, m.innerSteps(theta, t)), t));
            float[] factor = mean == Mean.SENDERS ? shareOfSenders(sparse) : new float[0];
            Tensor D = replicas.mean(sparse);
            for (int i = 0; i < factor.length; i++) {
                D.set(i, D.get(i) * factor[i]);
            }
            replicas.kernels().addScaled(-alpha, D, theta);
            rounds.finished(t);
        }
    }

    /// M over how many replicas sent each number.
    private static float[] shareOfSenders(List<Message> messages) {
        float[] factor = new float[messages.getFirst().vector().elements()];
        for (int i = 0; i < factor.length; i++) {
            int senders = 0;
            for (Message message : messages) {
                senders += message.vector().get(i) == 0 ? 0 : 1;
            }
            factor[i] = messages.size() / (float) Math.max(1, senders);
        }
        return factor;
    }
}
