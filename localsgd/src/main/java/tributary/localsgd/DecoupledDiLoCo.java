package tributary.localsgd;

import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import tributary.model.optimizer.Optimizer;
import tributary.model.optimizer.Schedule;
import tributary.tensor.Binary;
import tributary.tensor.Tensor;

/// **Decoupled DiLoCo**: a merge waits for a quorum, not for everyone. Replicas never stop: who has done H steps or more
/// when the quorum is full, and a grace period is over, is merged; the others go on and are merged another time, with the
/// steps they have by then.   After "Decoupled DiLoCo", 2026, arXiv:2604.21428.
///
/// ```
/// merge:  K replicas have said that they have done H steps since they last took theta;  wait for the grace period
///   S <- all that have said so by then;  they are asked for what they have
///   for m in S:  Delta_m <- theta_m0 - theta_m,  w_m <- tokens_m (tokens_m / steps_m);  sent, and m goes on
///   when all are there:  theta <- OuterOpt(theta, sum of w_m Delta_m / sum of w_m)
///   for m in S, when it comes:  theta_m0, theta_m <- theta
/// ```
///
/// tokens_m and steps_m are those since m last took theta. When replicas are ready is decided by the [Pace], and how long
/// messages take by the [Post], both in virtual time, so that a run can be repeated. Steps that a replica takes while its
/// message, and theta, are underway are overwritten; one in which theta comes counts as one from theta. Merges follow each
/// other. When the run is over, all that have taken steps since are merged a last time. With K = M, no grace, equal step times
/// and messages that take no time it is DiLoCo. Who fails is not merged that time, and its work is lost; it goes on from theta,
/// and is merged when it would have been, by the steps that it has done since.
///
/// Differs from the paper: the vector is merged whole, not in balanced fragments; directions and norms are averaged together.
/// Every replica's step has the same number of tokens here. A merge moves 4 P bytes from each merged replica, or what Delta_m
/// is encoded to, and 4 P bytes to it.
public final class DecoupledDiLoCo implements Algorithm {
    private static final String START = "start";
    private static final String SENT = "sent";
    private static final int FLIGHT = 0;

    private final Pace pace;
    private final Optional<Supplier<Post>> post;
    private final int H;
    private final int K;
    private final long grace;
    private final Schedule eta;
    private final Optimizer outerOpt;
    /// Outer steps taken, one number.
    private final Tensor merges = Tensor.zeros(1);

    /// With messages that take no time.
    ///
    /// @param localSteps H
    /// @param quorum K, in 1 .. M
    /// @param grace milliseconds of virtual time
    /// @param outerLr eta
    /// @param outerOpt made for the model's flat parameters
    public DecoupledDiLoCo(Pace pace, int localSteps, int quorum, long grace, Schedule outerLr, Optimizer outerOpt) {
        this(pace, Optional.empty(), localSteps, quorum, grace, outerLr, outerOpt);
    }

    /// @param post makes what carries the messages of a run
    /// @param grace in the moments of the pace
    public DecoupledDiLoCo(Pace pace, Supplier<Post> post, int localSteps, int quorum, long grace, Schedule outerLr, Optimizer outerOpt) {
        this(pace, Optional.of(post), localSteps, quorum, grace, outerLr, outerOpt);
    }

    private DecoupledDiLoCo(
            Pace pace, Optional<Supplier<Post>> post, int localSteps, int quorum, long grace, Schedule outerLr, Optimizer outerOpt) {
        if (quorum < 1 || quorum > pace.replicas()) {
            throw new IllegalArgumentException("quorum " + quorum + " is not between 1 and replicas " + pace.replicas());
        }
        if (grace < 0) {
            throw new IllegalArgumentException("grace of " + grace + " ms is negative; use 0 for none");
        }
        this.pace = pace;
        this.post = post;
        this.H = localSteps;
        this.K = quorum;
        this.grace = grace;
        this.eta = outerLr;
        this.outerOpt = outerOpt;
    }

    /// All replicas advance to a moment, at which some are merged.
    ///
    /// @param asked when these are asked for what they have
    /// @param parts of those that are merged
    /// @param takes own steps after which theta of an earlier merge comes to replicas
    private record Merge(Round round, long asked, Map<Integer, Part> parts, Map<Integer, Integer> takes, boolean last) {

        /// Steps in a replica's message; fewer than planned where a fault has made it begin anew since, and its optimizer with it.
        int steps(Replica m) {
            Part part = parts.get(m.index());
            return Math.min(part.sent - part.from, m.optimizerSteps() - (m.step() - part.sent));
        }
    }

    /// What a replica has in a merge.
    ///
    /// @param from its own steps when it last took theta
    /// @param sent its own steps when it sends
    /// @param taken its own steps when it has the result
    private record Part(int from, int sent, int taken) {}

    @Override
    public void train(Tensor theta, ReplicaGroup replicas, Rounds rounds) {
        for (Merge merge : rounds.of(() -> merges(rounds.steps()), Merge::round)) {
            List<Replica> all = replicas.each(m -> {
                if (merge.round.index() == 1 && m.step() == 0) {
                    admit(m, theta);
                }
                return advance(m, merge);
            });
            List<Replica> S = all.stream().filter(m -> merge.parts.containsKey(m.index())).toList();
            double weights = S.stream().mapToDouble(merge::steps).sum();
            if (weights > 0) { // else all of them have failed, or at the end all that they have done is overwritten
                outerOpt.step(replicas.kernels(), theta, mean(S, merge, weights, replicas), 1f, (float) eta.lr(merge.round.first()));
                merges.set(0, merges.get(0) + 1);
            }
            for (Replica m : S) {
                m.memory(START).set(theta);
                if (merge.parts.get(m.index()).taken <= m.step()) {
                    m.takeOver(theta);
                }
            }
            rounds.finished(merge.round);
        }
    }

    /// To the end of a round, past where theta comes and where what it has leaves.
    private Replica advance(Replica m, Merge merge) {
        int end = pace.stepsAfter(m.index(), merge.round);
        Optional.ofNullable(merge.takes.get(m.index()))
                .ifPresent(take -> at(take, m, () -> m.takeOver(m.memory(START))));
        Optional.ofNullable(merge.parts.get(m.index())).map(Part::sent).filter(sent -> sent < end)
                .ifPresent(sent -> at(sent, m, () -> m.kernels().binary(
                        Binary.SUBTRACT, m.memory(START), m.parameters(), m.memory(SENT))));
        m.innerStepsTo(end);
        return m;
    }

    /// Does something after a replica's own step, unless that was in an earlier session. Doing it twice there changes nothing.
    private static void at(int step, Replica m, Runnable work) {
        m.innerStepsTo(step);
        if (m.step() == step) {
            work.run();
        }
    }

    /// The weighted mean of the Delta_m, in the vector of the first.
    private static Tensor mean(List<Replica> S, Merge merge, double weights, ReplicaGroup replicas) {
        List<Message> messages = S.stream()
                .map(m -> {
                    boolean wentOn = merge.parts.get(m.index()).sent < m.step();
                    return m.send(wentOn ? m.memory(SENT) : m.delta(m.memory(START), m.parameters()), merge.round);
                })
                .toList();
        replicas.collect(messages, merge.asked, FLIGHT);
        if (merge.last) {
            replicas.arrive(FLIGHT);
        }
        Tensor delta = messages.getFirst().vector();
        for (int i = 0; i < messages.size(); i++) {
            Tensor own = messages.get(i).vector();
            replicas.kernels().scale((float) (merge.steps(S.get(i)) / weights), own);
            if (i > 0) {
                replicas.kernels().addScaled(1, own, delta);
            }
        }
        return delta;
    }

    private Iterator<Merge> merges(int steps) {
        return new Timetable<>(pace, steps) {
            private final Post lines = post.map(Supplier::get).orElseGet(Post::immediate);
            /// Each replica's own steps when it last took theta, or will have.
            private final int[] taken = new int[pace.replicas()];
            private final int[] done = new int[pace.replicas()];
            private long asked;
            private List<Integer> who = List.of();
            private Post.Answer answer = new Post.Answer(0, List.of());

            @Override
            long nextEnd() {
                long[] notes = all().mapToLong(m -> lines.note(m, pace.endOfStep(m, taken[m] + H))).toArray();
                long full = Arrays.stream(notes).sorted().skip(K - 1).findFirst().orElseThrow();
                if (full == Post.NEVER) {
                    return full;
                }
                asked = Math.max(answer.merged(), full + grace);
                who = all().filter(m -> notes[m] <= asked).boxed().toList();
                answer = lines.collect(asked, who);
                return answer.merged();
            }

            @Override
            Merge entry(Round round, long time, boolean last) {
                Map<Integer, Part> parts = new TreeMap<>();
                Map<Integer, Integer> takes = new TreeMap<>();
                all().filter(m -> taken[m] > done[m] && taken[m] <= pace.stepsAt(m, time)).forEach(m -> takes.put(m, taken[m]));
                if (last) {
                    asked = time;
                    all().filter(m -> pace.stepsAt(m, time) > taken[m])
                            .forEach(m -> parts.put(m, new Part(taken[m], pace.stepsAt(m, time), pace.stepsAt(m, time))));
                } else {
                    for (int i = 0; i < who.size(); i++) {
                        int m = who.get(i);
                        Part part = new Part(taken[m], pace.stepsAt(m, asked), pace.stepsAt(m, answer.back().get(i)));
                        parts.put(m, part);
                        taken[m] = part.taken;
                    }
                }
                Arrays.setAll(done, m -> pace.stepsAt(m, time));
                return new Merge(round, asked, parts, takes, last);
            }

            private IntStream all() {
                return IntStream.range(0, taken.length);
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
        return post.isPresent() ? List.of(START, SENT) : List.of(START);
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
