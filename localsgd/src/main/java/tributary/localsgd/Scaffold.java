package tributary.localsgd;

import java.util.List;
import java.util.Map;
import tributary.tensor.Tensor;

/// **SCAFFOLD**: local SGD whose steps are corrected by how a replica's own gradients differ from everyone's, for replicas
/// whose data differ.   Karimireddy et al. 2020, arXiv:1910.06378, Algorithm 1.
///
/// ```
/// for t = 1 .. T
///   for each replica m, in parallel
///     theta_m <- theta(t-1)
///     H times:  g <- gradient on shard m;   theta_m <- InnerOpt(theta_m, g - c_m + c)
///     c_m' <- mean of the round's g;   send theta(t-1) - theta_m and c_m' - c_m;   c_m <- c_m'
///   theta(t) <- theta(t-1) - eta 1/M sum of (theta(t-1) - theta_m)
///   c <- c + 1/M sum of (c_m' - c_m)
/// ```
///
/// For SGD at a constant rate, the mean of the gradients is the paper's second option, c_m - c + (theta - theta_m) / (H eta_m).
/// Differs from the paper: that mean is taken of the gradients themselves, so that it stays one where InnerOpt is not SGD
/// or its rate changes; every replica takes part in every round. A round moves 8 P bytes to and from each replica.
public final class Scaffold implements Algorithm {
    private static final String CONTROL = "control";
    private static final String SUM = "gradient sum";

    private final LocalSteps H;
    private final float eta;
    private final Tensor c;

    /// @param outerLr eta, 1 in the paper's experiments
    /// @param elements P
    public Scaffold(LocalSteps localSteps, double outerLr, int elements) {
        this.H = localSteps;
        this.eta = (float) outerLr;
        this.c = Tensor.zeros(elements);
    }

    @Override
    public void train(Tensor theta, ReplicaGroup replicas, Rounds rounds) {
        for (Round t : rounds.of(H)) {
            List<Message> deltas = replicas.each(m -> {
                Tensor c_m = m.memory(CONTROL);
                Tensor sum = m.memory(SUM);
                m.start(theta, t);
                while (m.step() < t.last()) {
                    Tensor g = m.gradient();
                    m.kernels().copy(g, m.step() > t.first(), sum);
                    m.kernels().addScaled(-1, c_m, g);
                    m.kernels().addScaled(1, c, g);
                    m.update();
                }
                return m.message(m.delta(theta, m.parameters()));
            });
            List<Message> changes = replicas.each(m -> {
                Tensor change = m.memory(SUM);
                m.kernels().scale(1f / (t.last() - t.first()), change);
                m.kernels().addScaled(-1, m.memory(CONTROL), change);
                m.kernels().addScaled(1, change, m.memory(CONTROL));
                return m.message(change);
            });
            replicas.kernels().addScaled(-eta, replicas.mean(deltas), theta);
            replicas.kernels().addScaled(1, replicas.mean(changes), c);
            rounds.finished(t);
        }
    }

    /// With c_m = c its steps are not corrected until it knows gradients of its own.
    @Override
    public void admit(Replica m, Tensor theta) {
        m.parameters().set(theta);
        m.memory(CONTROL).set(c);
    }

    @Override
    public List<String> memories() {
        return List.of(CONTROL, SUM);
    }

    @Override
    public Map<String, Tensor> state() {
        return Map.of("control", c);
    }
}
