package tributary.localsgd;

import java.util.List;
import tributary.tensor.Tensor;

/// **FedProx**: local SGD in which each replica is held back to where the round began, for replicas whose data differ.
/// Li et al. 2020, arXiv:1812.06127, Algorithm 2.
///
/// ```
/// for t = 1 .. T
///   for each replica m, in parallel
///     theta_m <- theta(t-1)
///     H times:  g <- gradient on shard m + mu (theta_m - theta(t-1));   theta_m <- InnerOpt(theta_m, g)
///   theta(t) <- 1/M sum of theta_m
/// ```
///
/// The addition is the gradient of mu/2 |theta_m - theta(t-1)|^2. mu = 0 makes it local SGD; the paper tries 0.001 to 1.
/// Differs from the paper: every replica takes part in every round, takes the same number of steps, and InnerOpt is AdamW
/// where nothing else is chosen. A round moves 4 P bytes to and from each replica.
public final class FedProx implements Algorithm {
    private final LocalSteps H;
    private final float mu;

    /// @param proximal mu
    public FedProx(LocalSteps localSteps, double proximal) {
        if (!(proximal >= 0 && proximal < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("proximal " + proximal + " is negative or not a number; use 0 for none");
        }
        this.H = localSteps;
        this.mu = (float) proximal;
    }

    @Override
    public void train(Tensor theta, ReplicaGroup replicas, Rounds rounds) {
        for (Round t : rounds.of(H)) {
            List<Message> locals = replicas.each(m -> {
                m.start(theta, t);
                while (m.step() < t.last()) {
                    Tensor g = m.gradient();
                    m.kernels().addScaled(mu, m.parameters(), g);
                    m.kernels().addScaled(-mu, theta, g);
                    m.update();
                }
                return m.message(m.parameters());
            });
            replicas.mean(locals, theta);
            rounds.finished(t);
        }
    }
}
