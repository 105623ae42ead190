package tributary.localsgd;

import java.util.List;
import tributary.model.data.StatelessRandom;
import tributary.tensor.Tensor;

/// **SPARTA**, sparse parameter averaging: after every step the replicas average a small random part of their parameters,
/// each time another one.   Beton et al. 2025, "Improving the Efficiency of Distributed Training using Sparse Parameter
/// Averaging", ICLR 2025 workshop on modular, collaborative and decentralised learning.
///
/// ```
/// for t = 1 .. T
///   for each replica m, in parallel:  theta_m <- InnerOpt(theta_m, gradient on shard m)
///   S <- random numbers out of 1 .. P, a share p of them, the same for all
///   theta_m[S] <- 1/M sum of theta_m[S]
/// ```
///
/// p is 0.001 to 0.005; p = 1 averages everything after every step. The global parameters, which nobody needs to train, are the
/// mean of all theta_m. Differs from the paper: one number is drawn out of each of p P neighbouring runs, instead of each by
/// itself, so that every step moves the same bytes. A step moves 8 p P bytes to and from each replica together; which
/// numbers they are follows from the seed and is never sent.
public final class Sparta implements Algorithm {
    private final double p;
    private final long seed;

    /// @param share p, in (0, 1]
    public Sparta(double share, long seed) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("share " + share + " is not in (0, 1]; 0.005 is customary");
        }
        this.p = share;
        this.seed = StatelessRandom.seed(seed, "shared parameters");
    }

    @Override
    public void train(Tensor theta, ReplicaGroup replicas, Rounds rounds) {
        int[] chosen = new int[(int) Math.max(1, Math.round(p * theta.elements()))];
        for (Round t : rounds.of(1)) {
            choose(chosen, theta.elements(), t.index());
            List<Message> parts = replicas.each(m -> {
                m.join(theta);
                m.innerStepsTo(t.last());
                Tensor part = Tensor.zeros(chosen.length);
                for (int i = 0; i < chosen.length; i++) {
                    part.set(i, m.parameters().get(chosen[i]));
                }
                return m.message(part);
            });
            Tensor mean = replicas.mean(parts);
            List<Tensor> locals = replicas.each(m -> {
                for (int i = 0; i < chosen.length; i++) {
                    m.parameters().set(chosen[i], mean.get(i));
                }
                return m.parameters();
            });
            replicas.observe(locals, theta);
            rounds.finished(t);
        }
    }

    /// One place out of each of as many equal runs.
    private void choose(int[] chosen, int elements, int round) {
        for (int i = 0; i < chosen.length; i++) {
            int from = (int) ((long) elements * i / chosen.length);
            int to = (int) ((long) elements * (i + 1) / chosen.length);
            chosen[i] = from + (int) StatelessRandom.below(to - from, seed, round, i);
        }
    }

    @Override
    public boolean keepsParameters() {
        return true;
    }
}
