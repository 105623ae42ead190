package tributary.localsgd;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import tributary.model.data.StatelessRandom;
import tributary.tensor.Binary;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// **NoLoCo**: DiLoCo without an all-reduce. Every round the replicas meet in random pairs, and each keeps outer parameters
/// and a momentum of its own.   Kolehmainen et al. 2025, arXiv:2506.10911, equations (1) to (3).
///
/// ```
/// for t = 1 .. T
///   for each replica m, in parallel
///     theta_m <- phi_m
///     H times:  theta_m <- InnerOpt(theta_m, gradient on shard m)
///     Delta_m <- phi_m - theta_m
///   for each pair (m, n) of round t:  Delta <- (Delta_m + Delta_n) / 2;   phi <- (phi_m + phi_n) / 2;   for i = m, n
///     u_i <- alpha u_i - beta Delta - gamma (phi_i - phi);   phi_i <- phi_i + u_i
/// ```
///
/// The paper's values are alpha 0.5, beta 0.7, gamma 0.7. Of an odd number of replicas one stays alone in a round. The global
/// parameters, which nobody needs to train, are the mean of all phi_m. With one or two replicas it is DiLoCo with heavy-ball
/// momentum. A round moves 8 P bytes to and from each replica that has a partner.
public final class NoLoCo implements Algorithm {
    private static final String PHI = "phi";
    private static final String MOMENTUM = "momentum";

    private final LocalSteps H;
    private final float alpha;
    private final float beta;
    private final float gamma;
    private final long seed;

    /// @param outerMomentum alpha
    /// @param outerLr beta
    /// @param gossipPull gamma
    public NoLoCo(LocalSteps localSteps, double outerMomentum, double outerLr, double gossipPull, long seed) {
        if (!(gossipPull >= 0 && gossipPull <= 2)) {
            throw new IllegalArgumentException("gossip-pull " + gossipPull + " is not in [0, 2]; 0.7 is customary");
        }
        this.H = localSteps;
        this.alpha = (float) outerMomentum;
        this.beta = (float) outerLr;
        this.gamma = (float) gossipPull;
        this.seed = StatelessRandom.seed(seed, "pairs");
    }

    @Override
    public void train(Tensor theta, ReplicaGroup replicas, Rounds rounds) {
        for (Round t : rounds.of(H)) {
            List<Replica> all = replicas.each(m -> {
                if (m.step() == 0) {
                    admit(m, theta);
                }
                m.delta(m.memory(PHI), m.innerSteps(m.memory(PHI), t));
                return m;
            });
            List<Integer> order = shuffled(all.size(), t.index());
            for (int i = 0; i + 1 < order.size(); i += 2) {
                meet(all.get(order.get(i)), all.get(order.get(i + 1)), replicas);
            }
            if (order.size() % 2 == 1) {
                Replica alone = all.get(order.getLast());
                momentum(alone, alone.gradients(), replicas.kernels());
                replicas.kernels().addScaled(1, alone.memory(MOMENTUM), alone.memory(PHI));
            }
            replicas.observe(all.stream().map(m -> m.memory(PHI)).toList(), theta);
            rounds.finished(t);
        }
    }

    private void meet(Replica m, Replica n, ReplicaGroup replicas) {
        Kernels kernels = replicas.kernels();
        replicas.gossip(m.message(m.gradients()), n.message(n.gradients()));
        replicas.gossip(m.message(m.memory(PHI)), n.message(n.memory(PHI)));
        Tensor delta = m.gradients();
        kernels.addScaled(1, n.gradients(), delta);
        kernels.scale(0.5f, delta);
        Tensor apart = n.gradients(); // (phi_m - phi_n) / 2, how far m is from the mean, and n on the other side
        kernels.binary(Binary.SUBTRACT, m.memory(PHI), n.memory(PHI), apart);
        kernels.scale(0.5f, apart);
        momentum(m, delta, kernels);
        momentum(n, delta, kernels);
        kernels.addScaled(-gamma, apart, m.memory(MOMENTUM));
        kernels.addScaled(gamma, apart, n.memory(MOMENTUM));
        kernels.addScaled(1, m.memory(MOMENTUM), m.memory(PHI));
        kernels.addScaled(1, n.memory(MOMENTUM), n.memory(PHI));
    }

    private void momentum(Replica m, Tensor delta, Kernels kernels) {
        kernels.scale(alpha, m.memory(MOMENTUM));
        kernels.addScaled(-beta, delta, m.memory(MOMENTUM));
    }

    /// A random order of the replicas, the same for all who know the seed: neighbours are partners. Fisher and Yates 1938.
    private List<Integer> shuffled(int M, int round) {
        List<Integer> order = new ArrayList<>(IntStream.range(0, M).boxed().toList());
        for (int last = M - 1; last > 0; last--) {
            Collections.swap(order, last, (int) StatelessRandom.below(last + 1, seed, round, last));
        }
        return order;
    }

    @Override
    public void admit(Replica m, Tensor theta) {
        m.memory(PHI).set(theta);
    }

    @Override
    public List<String> memories() {
        return List.of(PHI, MOMENTUM);
    }
}
