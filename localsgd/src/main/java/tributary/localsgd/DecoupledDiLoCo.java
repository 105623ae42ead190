package tributary.localsgd;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import tributary.model.optimizer.Optimizer;
import tributary.model.optimizer.Schedule;
import tributary.tensor.Tensor;

/// **Decoupled DiLoCo**: a merge waits for a quorum, not for everyone. Replicas never stop: who has done H steps or more
/// when the quorum is full, and a grace period is over, is merged; the others go on and are merged another time, with the
/// steps they have by then.   After "Decoupled DiLoCo", 2026, arXiv:2604.21428.
///
/// ```
/// merge:  K replicas have done H steps since they last took theta;  wait for the grace period;  S <- all that have by then
///   for m in S:  Delta_m <- theta_m0 - theta_m,  w_m <- tokens_m (tokens_m / steps_m)
///   theta <- OuterOpt(theta, sum of w_m Delta_m / sum of w_m)
///   for m in S:  theta_m0, theta_m <- theta
/// ```
///
/// tokens_m and steps_m are those since m last took theta. When replicas are ready is decided by the [Pace], virtual time,
/// so that a run can be repeated. When the run is over, all that are underway are merged a last time. With K = M, no grace
/// and equal step times it is DiLoCo.
///
/// Differs from the paper: the vector is merged whole, not in balanced fragments; directions and norms are averaged together;
/// moving the parameters takes no virtual time. Every replica's step has the same number of tokens here. A merge moves 4 P
/// bytes from each merged replica, or what Delta_m is encoded to, and 4 P bytes to it.
public final class DecoupledDiLoCo implements Algorithm {
    private static final String START = "start";

    private final Pace pace;
    private final int H;
    private final int K;
    private final long grace;
    private final Schedule eta;
    private final Optimizer outerOpt;

    /// @param localSteps H
    /// @param quorum K, in 1 .. M
    /// @param grace milliseconds of virtual time
    /// @param outerLr eta
    /// @param outerOpt made for the model's flat parameters
    public DecoupledDiLoCo(Pace pace, int localSteps, int quorum, long grace, Schedule outerLr, Optimizer outerOpt) {
        if (quorum < 1 || quorum > pace.replicas()) {
            throw new IllegalArgumentException("quorum " + quorum + " is not between 1 and replicas " + pace.replicas());
        }
        if (grace < 0) {
            throw new IllegalArgumentException("grace of " + grace + " ms is negative; use 0 for none");
        }
        this.pace = pace;
        this.H = localSteps;
        this.K = quorum;
        this.grace = grace;
        this.eta = outerLr;
        this.outerOpt = outerOpt;
    }

    /// All replicas advance to a moment, at which some are merged.
    ///
    /// @param steps of each merged replica since it last took theta
    private record Merge(Round round, long time, List<Integer> replicas, int[] steps) {}

    @Override
    public void train(Tensor theta, ReplicaGroup replicas, Rounds rounds) {
        for (Merge merge : rounds.of(() -> merges(rounds.steps()), Merge::round)) {
            List<Replica> all = replicas.each(m -> {
                if (m.step() == 0) {
                    admit(m, theta);
                }
                m.innerStepsTo(pace.stepsAt(m.index(), merge.time));
                return m;
            });
            double weights = merge.replicas.stream().mapToDouble(m -> merge.steps[m]).sum();
            Tensor delta = all.get(merge.replicas.getFirst()).gradients();
            for (int index : merge.replicas) {
                Replica m = all.get(index);
                Tensor own = replicas.receive(m.send(m.delta(m.memory(START), m.parameters()), merge.round));
                replicas.kernels().scale((float) (merge.steps[index] / weights), own);
                if (index != merge.replicas.getFirst()) {
                    replicas.kernels().addScaled(1, own, delta);
                }
            }
            outerOpt.step(replicas.kernels(), theta, delta, 1f, (float) eta.lr(merge.round.first()));
            for (int index : merge.replicas) {
                admit(all.get(index), theta);
            }
            rounds.finished(merge.round);
        }
    }

    private Iterator<Merge> merges(int steps) {
        int M = pace.replicas();
        int[] taken = new int[M]; // each replica's own step at which it last took theta
        return new Timetable<>(pace, steps) {
            @Override
            long nextEnd() {
                long[] ready = IntStream.range(0, M).mapToLong(m -> (taken[m] + (long) H) * pace.duration(m)).sorted().toArray();
                return ready[K - 1] + grace;
            }

            @Override
            Merge entry(Round round, long time, boolean last) {
                int least = last ? 1 : H;
                List<Integer> who = IntStream.range(0, M).filter(m -> pace.stepsAt(m, time) - taken[m] >= least).boxed().toList();
                int[] since = IntStream.range(0, M).map(m -> pace.stepsAt(m, time) - taken[m]).toArray();
                who.forEach(m -> taken[m] = pace.stepsAt(m, time));
                return new Merge(round, time, who, since);
            }
        };
    }

    @Override
    public void admit(Replica m, Tensor theta) {
        m.memory(START).set(theta);
        m.parameters().set(theta);
    }

    @Override
    public boolean keepsParameters() {
        return true;
    }

    @Override
    public List<String> memories() {
        return List.of(START);
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
        outerOpt.resume(rounds);
    }
}
