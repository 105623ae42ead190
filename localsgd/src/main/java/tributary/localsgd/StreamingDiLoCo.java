package tributary.localsgd;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.IntFunction;
import tributary.localsgd.Fragments.Range;
import tributary.model.optimizer.Optimizer;
import tributary.model.optimizer.Schedule;
import tributary.tensor.Binary;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// **Streaming DiLoCo**: the model is synchronised in fragments, one after the other, while the replicas go on; each fragment as
/// rarely as in DiLoCo.   Douillard et al. 2025, arXiv:2501.18512, Algorithm 2.
///
/// ```
/// for t = 1 .. T
///   for each replica m, in parallel:  theta_m <- InnerOpt(theta_m, gradient on shard m)
///   for each fragment p
///     if (t - t_p) mod H = 0:        Delta_p <- 1/M sum of (theta_p - theta_m,p), sent          replicas go on
///     if (t - tau - t_p) mod H = 0:  theta_p <- OuterOpt(theta_p, Delta_p), received
///                                    theta_m,p <- alpha theta_m,p + (1 - alpha) theta_p
/// ```
///
/// The offsets t_p = p H / P spread the fragments evenly, so that H must be a multiple of P; others may be given, t_p = p times
/// so many steps, 0 for all fragments at once. tau is how many steps a synchronisation may take; alpha mixes what a replica did
/// meanwhile with what arrives: 0 forgets it, 0.5 averages, 1 never listens. The paper has tau up to 5, alpha 0.5, eta 0.4,
/// E3M0 numbers, and evaluates theta. With tau = 0, alpha = 0 and one fragment, or all at once, it is DiLoCo. At the end of the
/// run what is underway is received, and every other fragment is sent and received a last time. In H steps 4 P bytes move to
/// and from each replica, or what each Delta_m is encoded to.
public final class StreamingDiLoCo implements Algorithm {
    private final int H;
    private final Fragments fragments;
    private final int offset;
    private final int tau;
    private final float alpha;
    private final Schedule eta;
    private final Map<Range, Optimizer> outerOpts = new LinkedHashMap<>();
    private final Tensor inFlight;

    /// @param localSteps H, a multiple of the number of fragments
    /// @param offset steps between the turns of two fragments that follow each other, H / P to spread them evenly
    /// @param overlap tau, less than H
    /// @param mixing alpha, in [0, 1]
    /// @param outerLr eta
    /// @param outerOpt makes an outer optimizer for so many parameters
    public StreamingDiLoCo(int localSteps, Fragments fragments, int offset, int overlap, double mixing, Schedule outerLr,
            IntFunction<Optimizer> outerOpt) {
        check(localSteps, fragments.count(), offset, overlap, mixing);
        this.H = localSteps;
        this.fragments = fragments;
        this.offset = offset;
        this.tau = overlap;
        this.alpha = (float) mixing;
        this.eta = outerLr;
        int elements = 0;
        for (Range range : fragments.ranges().stream().flatMap(List::stream).toList()) {
            outerOpts.put(range, outerOpt.apply(range.elements()));
            elements += range.elements();
        }
        this.inFlight = Tensor.zeros(elements);
    }

    /// Refuses what does not fit together.
    ///
    /// @throws IllegalArgumentException naming the setting, its value and what to do
    public static void check(int localSteps, int fragments, int offset, int overlap, double mixing) {
        if (fragments < 1 || localSteps % fragments != 0) {
            throw new IllegalArgumentException("local-steps " + localSteps + " is not a multiple of fragments " + fragments
                    + "; the fragments' turns must be evenly spread");
        }
        if (offset < 0 || (long) offset * (fragments - 1) >= localSteps) {
            throw new IllegalArgumentException("fragment-offset " + offset + " of fragments " + fragments + " is not between 0 and "
                    + (localSteps - 1) / Math.max(1, fragments - 1) + "; all turns must fall into the " + localSteps
                    + " steps of local-steps");
        }
        if (overlap < 0 || overlap >= localSteps) {
            throw new IllegalArgumentException("overlap " + overlap + " is not between 0 and local-steps " + localSteps
                    + " less one; a fragment must arrive before its next turn");
        }
        if (!(mixing >= 0 && mixing <= 1)) {
            throw new IllegalArgumentException("mixing " + mixing + " is not in [0, 1]; 0 takes what arrives, 0.5 averages");
        }
    }

    @Override
    public void train(Tensor theta, ReplicaGroup replicas, Rounds rounds) {
        for (Round t : rounds.of(() -> turns(rounds.steps()), round -> round)) {
            replicas.each(m -> {
                m.join(theta);
                return m.innerStepsTo(t.last());
            });
            boolean end = t.last() == rounds.steps();
            for (int p = 0; p < fragments.count(); p++) {
                if (arrives(p, t.last()) || end && underway(p, t.last())) {
                    replicas.arrive(p);
                    receive(p, theta, replicas, t);
                } else if (departs(p, t.last()) || end) {
                    boolean waits = tau == 0 || end;
                    send(p, theta, replicas, t, waits);
                    if (waits) {
                        receive(p, theta, replicas, t);
                    }
                }
            }
            rounds.finished(t);
        }
    }

    private void send(int p, Tensor theta, ReplicaGroup replicas, Round t, boolean waits) {
        for (Range range : fragments.ranges().get(p)) {
            List<Message> deltas = replicas.each(m -> {
                m.kernels().binary(Binary.SUBTRACT, range.of(theta), range.of(m.parameters()), range.of(m.gradients()));
                return m.send(m.gradients(), range.from(), range.elements(), t);
            });
            if (waits) {
                replicas.mean(deltas, range.of(inFlight));
            } else {
                replicas.depart(deltas, range.of(inFlight), p);
            }
        }
    }

    private void receive(int p, Tensor theta, ReplicaGroup replicas, Round t) {
        for (Range range : fragments.ranges().get(p)) {
            Tensor arrived = range.of(theta);
            outerOpts.get(range).step(replicas.kernels(), arrived, range.of(inFlight), 1f, (float) eta.lr(t.first()));
            replicas.each(m -> mix(m.kernels(), range.of(m.parameters()), arrived));
        }
    }

    private Tensor mix(Kernels kernels, Tensor local, Tensor arrived) {
        if (alpha == 0) {
            local.set(arrived);
        } else {
            kernels.scale(alpha, local);
            kernels.addScaled(1 - alpha, arrived, local);
        }
        return local;
    }

    private boolean departs(int p, int t) {
        return t > 0 && Math.floorMod(t - p * offset, H) == 0;
    }

    private boolean arrives(int p, int t) {
        return tau > 0 && departs(p, t - tau);
    }

    /// Whether it has departed and not arrived.
    private boolean underway(int p, int t) {
        int since = Math.floorMod(t - p * offset, H);
        return since > 0 && since < tau && since < t;
    }

    /// Rounds end where a fragment departs or arrives.
    private Iterator<Round> turns(int steps) {
        return new Iterator<>() {
            private int index = 1;
            private int done;

            @Override
            public boolean hasNext() {
                return done < steps;
            }

            @Override
            public Round next() {
                if (!hasNext()) {
                    throw new NoSuchElementException("streaming: all " + steps + " steps are done");
                }
                int to = done + 1;
                while (to < steps && !someTurn(to)) {
                    to++;
                }
                Round round = new Round(index++, done, to);
                done = to;
                return round;
            }
        };
    }

    private boolean someTurn(int t) {
        for (int p = 0; p < fragments.count(); p++) {
            if (departs(p, t) || arrives(p, t)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean keepsParameters() {
        return true;
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        state.put("in flight", inFlight);
        List<Optimizer> optimizers = new ArrayList<>(outerOpts.values());
        for (int i = 0; i < optimizers.size(); i++) {
            String prefix = "outer." + i + ".";
            optimizers.get(i).state().forEach((name, buffer) -> state.put(prefix + name, buffer));
        }
        return state;
    }

    @Override
    public void resume(int rounds) {
        Iterator<Round> turns = turns(Integer.MAX_VALUE);
        int[] received = new int[fragments.count()];
        for (int i = 0; i < rounds; i++) {
            int t = turns.next().last();
            for (int p = 0; p < received.length; p++) {
                received[p] += tau == 0 && departs(p, t) || arrives(p, t) ? 1 : 0;
            }
        }
        for (int p = 0; p < received.length; p++) {
            for (Range range : fragments.ranges().get(p)) {
                outerOpts.get(range).resume(received[p]);
            }
        }
    }
}
