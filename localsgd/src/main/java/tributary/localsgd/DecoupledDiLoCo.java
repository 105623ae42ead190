package tributary.localsgd;

import java.util.Iterator;
import java.util.LinkedHashMap;
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
/// and equal step times it is DiLoCo. Who fails is not merged that time, and its work is lost; it goes on from theta, and is merged when
/// it would have been, by the steps that it has done since.
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
    /// Outer steps taken, one number.
    private final Tensor merges = Tensor.zeros(1);

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
    /// @param steps of each replica since it last took theta
    private record Merge(Round round, List<Integer> replicas, int[] steps) {

        /// Fewer where a fault has made it begin anew since, and its optimizer with it.
        int steps(Replica m) {
            return Math.min(steps[m.index()], m.optimizerSteps());
        }
    }

    @Override
    public void train(Tensor theta, ReplicaGroup replicas, Rounds rounds) {
        for (Merge merge : rounds.of(() -> merges(rounds.steps()), Merge::round)) {
            List<Replica> all = replicas.each(m -> {
                if (merge.round.index() == 1 && m.step() == 0) {
                    admit(m, theta);
                }
                m.innerStepsTo(pace.stepsAfter(m.index(), merge.round));
                return m;
            });
            List<Replica> S = all.stream().filter(m -> merge.replicas.contains(m.index())).toList();
            double weights = S.stream().mapToDouble(merge::steps).sum();
            if (weights > 0) { // else all of them have failed
                outerOpt.step(replicas.kernels(), theta, mean(S, merge, weights, replicas), 1f, (float) eta.lr(merge.round.first()));
                merges.set(0, merges.get(0) + 1);
            }
            S.forEach(m -> admit(m, theta));
            rounds.finished(merge.round);
        }
    }

    /// The weighted mean of the Delta_m, in the gradients of the first.
    private static Tensor mean(List<Replica> S, Merge merge, double weights, ReplicaGroup replicas) {
        Tensor delta = S.getFirst().gradients();
        for (Replica m : S) {
            Tensor own = replicas.receive(m.send(m.delta(m.memory(START), m.parameters()), merge.round));
            replicas.kernels().scale((float) (merge.steps(m) / weights), own);
            if (m != S.getFirst()) {
                replicas.kernels().addScaled(1, own, delta);
            }
        }
        return delta;
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
                return new Merge(round, who, since);
            }
        };
    }

    @Override
    public void admit(Replica m, Tensor theta) {
        m.memory(START).set(theta);
        m.takeOver(theta);
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
        Map<String, Tensor> state = new LinkedHashMap<>(outerOpt.state());
        state.put("merges", merges);
        return state;
    }

    @Override
    public Tensor evaluated(Tensor theta) {
        return outerOpt.evaluated(theta);
    }

    @Override
    public void resume(int rounds) {
        outerOpt.resume(Math.round(merges.get(0)));
    }
}
