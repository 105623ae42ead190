package tributary.localsgd;

import java.util.List;
import java.util.Map;
import tributary.model.data.StatelessRandom;
import tributary.model.optimizer.Optimizer;
import tributary.model.optimizer.Schedule;
import tributary.tensor.Tensor;

/// **PALSGD**, pseudo-asynchronous local SGD: now and then a replica is pulled towards the last global parameters it knows
/// instead of taking a step, so that it may stay alone for longer.   Naganuma et al. 2025, arXiv:2504.18454, Algorithm 1.
///
/// ```
/// t' steps data parallel, then for each round of H steps
///   for each replica m, in parallel
///     theta_m <- theta(t-1)
///     H times:  with probability p:  theta_m <- theta_m - (gamma / p) eta (theta_m - theta(t-1))
///               otherwise:           theta_m <- InnerOpt(theta_m, gradient on shard m) at the rate gamma / (1 - p)
///     Delta_m <- theta(t-1) - theta_m
///   theta(t) <- OuterOpt(theta(t-1), 1/M sum of Delta_m)
/// ```
///
/// gamma is the inner learning rate. A pull reads no data: its rows of the batch stay unread, and no loss is measured. The
/// published run has p 0.2, eta 1, H 32, Nesterov's momentum outside. p = 0 makes it DiLoCo. A round moves 4 P bytes to and
/// from each replica, or what each Delta_m is encoded to.
public final class Palsgd implements Algorithm {
    private final PrePhase prePhase;
    private final LocalSteps H;
    private final double p;
    private final double eta;
    private final Schedule outerLr;
    private final Optimizer outerOpt;
    private final long seed;

    /// @param dataParallelSteps t'
    /// @param pullProbability p, in [0, 1)
    /// @param pullStrength eta
    /// @param outerOpt made for the model's flat parameters
    public Palsgd(int dataParallelSteps, LocalSteps localSteps, double pullProbability, double pullStrength, Schedule outerLr,
            Optimizer outerOpt, long seed) {
        if (!(pullProbability >= 0 && pullProbability < 1)) {
            throw new IllegalArgumentException("pull-probability " + pullProbability + " is not in [0, 1); 0 never pulls");
        }
        if (!(pullStrength >= 0 && pullStrength < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("pull-strength " + pullStrength + " is negative or not a number; 1 is customary");
        }
        this.prePhase = new PrePhase(dataParallelSteps);
        this.H = localSteps;
        this.p = pullProbability;
        this.eta = pullStrength;
        this.outerLr = outerLr;
        this.outerOpt = outerOpt;
        this.seed = StatelessRandom.seed(seed, "pulls");
    }

    @Override
    public void train(Tensor theta, ReplicaGroup replicas, Rounds rounds) {
        for (Round t : rounds.of(prePhase.then(H))) {
            if (prePhase.covers(t)) {
                prePhase.step(theta, replicas);
            } else {
                List<Message> deltas = replicas.each(m -> {
                    m.start(theta, t);
                    while (m.step() < t.last()) {
                        if (StatelessRandom.uniform(seed, m.index(), m.step()) < p) {
                            m.skip(() -> pull(m, theta));
                        } else {
                            m.gradient();
                            m.update(1 / (1 - p));
                        }
                    }
                    return m.send(m.delta(theta, m.parameters()), t);
                });
                Tensor delta = replicas.mean(deltas);
                outerOpt.step(replicas.kernels(), theta, delta, 1f, (float) outerLr.lr(t.first()));
            }
            rounds.finished(t);
        }
    }

    private void pull(Replica m, Tensor theta) {
        float share = (float) (m.lr() / p * eta);
        m.kernels().scale(1 - share, m.parameters());
        m.kernels().addScaled(share, theta, m.parameters());
    }

    @Override
    public Map<String, Tensor> state() {
        return outerOpt.state();
    }

    @Override
    public Tensor evaluated(Tensor theta) {
        return outerOpt.evaluated(theta);
    }

    @Override
    public void resume(int rounds) {
        outerOpt.resume(prePhase.roundsAfter(rounds));
    }
}
