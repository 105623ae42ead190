package tributary.localsgd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tributary.localsgd.codec.Compression;
import tributary.model.optimizer.Schedule;
import tributary.model.optimizer.Sgd;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// Replicas that fail, on a loss whose gradient is (m + 1) times a constant: what a round comes to can be told beforehand.
class FaultTest {
    private static final int P = 5;
    private static final double LR = 0.01;
    private static final LocalSteps H = new LocalSteps.Constant(4);
    private static final Tolerance TWO = new Tolerance(2, Optional.empty());
    private static final Duration LIMIT = Duration.ofMillis(10);
    private static final Tolerance TWO_IN_TIME = new Tolerance(2, Optional.of(LIMIT));

    /// What a replica computes in a step, or does instead.
    interface Behaviour {
        float slope(int replica, int step) throws InterruptedException;
    }

    private final List<Fault> faults = new ArrayList<>();
    private final List<Integer> lefts = new ArrayList<>();
    private final List<Round> finished = new ArrayList<>();
    /// Every step anybody heard of, as replica and step.
    private final Set<List<Integer>> heard = ConcurrentHashMap.newKeySet();
    /// By which limits are measured. It stands still, however busy the machine is, until a replica hangs.
    private final AtomicLong clock = new AtomicLong();

    private void hang() {
        clock.addAndGet(LIMIT.toNanos());
    }

    private final class Slope extends ToyGroup.Toy {
        private final int index;
        private final Behaviour behaviour;

        private Slope(int index, Kernels kernels, Behaviour behaviour) {
            super(P, kernels);
            this.index = index;
            this.behaviour = behaviour;
        }

        @Override
        public double gradient(int step) {
            try {
                gradients.fill(behaviour.slope(index, step));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
            return step;
        }
    }

    private static float healthy(int replica, int step) {
        return replica + 1;
    }

    private static DiLoCo diLoCo() {
        return new DiLoCo(0, H, new Schedule.Constant(1), new Sgd(P, 0.5, true));
    }

    private static LocalSgd localSgd() {
        return new LocalSgd(H);
    }

    private ThreadPoolGroup group(Algorithm algorithm, Tolerance tolerance, Behaviour behaviour) {
        return group(algorithm, Pace.equal(3), "topk:0.4", tolerance, behaviour);
    }

    private ThreadPoolGroup group(Algorithm algorithm, Pace pace, String codec, Tolerance tolerance, Behaviour behaviour) {
        return ToyGroup.of(algorithm, pace, LR, Compression.parse(codec),
                (index, kernels) -> new Slope(index, kernels, behaviour), tolerance, clock::get, new StepObserver() {
                    @Override
                    public boolean mayStart(int replica, int step) {
                        return true;
                    }

                    @Override
                    public void finished(int replica, int step, double loss) {
                        heard.add(List.of(replica, step));
                    }
                });
    }

    private void train(Algorithm algorithm, ThreadPoolGroup group, Tensor theta, int from, int to) {
        algorithm.train(theta, group, new Rounds(from, to * 4, group.guarding(algorithm, theta, observer())));
    }

    private Rounds.Observer observer() {
        return new Rounds.Observer() {
            @Override
            public void dropped(Fault fault, int left) {
                faults.add(fault);
                lefts.add(left);
            }

            @Override
            public void finished(Round round) {
                finished.add(round);
            }
        };
    }

    private Tensor train(Algorithm algorithm, Tolerance tolerance, int rounds, Behaviour behaviour) {
        Tensor theta = Tensor.zeros(P);
        try (ThreadPoolGroup group = group(algorithm, tolerance, behaviour)) {
            train(algorithm, group, theta, 0, rounds);
        }
        return theta;
    }

    /// Theta of local SGD when each round is the mean over some replicas: four steps of slope m + 1 each.
    private static float expected(int[]... present) {
        double theta = 0;
        for (int[] round : present) {
            double sum = 0;
            for (int m : round) {
                sum += m + 1;
            }
            theta -= 4 * LR * sum / round.length;
        }
        return (float) theta;
    }

    private static void assertAll(Tensor theta, float value) {
        for (int i = 0; i < P; i++) {
            assertThat(theta.get(i)).isCloseTo(value, within(1e-6f));
        }
    }

    private static final int[] ALL = {0, 1, 2};

    @Test
    void healthy() {
        assertAll(train(localSgd(), TWO, 3, FaultTest::healthy), expected(ALL, ALL, ALL));
        assertThat(faults).isEmpty();
    }

    @Test
    void recovery() {
        Tensor theta = train(localSgd(), TWO, 4, (m, step) -> {
            if (m == 1 && step == 5) {
                throw new IllegalStateException("the line is cut\nand more");
            }
            return healthy(m, step);
        });
        assertAll(theta, expected(ALL, new int[] {0, 2}, ALL, ALL));
        assertThat(faults).singleElement().isEqualTo(new Fault(
                1, new Round(2, 4, 8), Fault.Kind.FAILED, "java.lang.IllegalStateException: the line is cut"));
        assertThat(lefts).containsExactly(2);
        assertThat(faults.getFirst()).hasToString("replica 1 failed (java.lang.IllegalStateException: the line is cut)");
        assertThat(heard).contains(List.of(1, 4), List.of(1, 5), List.of(1, 9)).doesNotContain(List.of(1, 6), List.of(1, 8));
    }

    /// Healthy but for one step.
    ///
    /// @param before steps done before it
    private Behaviour faulty(Fault.Kind kind, int replica, int before) {
        return (m, step) -> {
            if (m != replica || step != before) {
                return healthy(m, step);
            }
            return switch (kind) {
                case FAILED -> throw new ArithmeticException("a bad day");
                case HUNG -> {
                    hang();
                    new CountDownLatch(1).await();
                    yield 0;
                }
                case NOT_FINITE -> Float.NaN;
            };
        };
    }

    @ParameterizedTest
    @EnumSource
    void anyKindOfFaultIsDroppedFromTheRoundAlone(Fault.Kind kind) {
        Tensor theta = train(localSgd(), TWO_IN_TIME, 3, faulty(kind, 0, 6));
        assertAll(theta, expected(ALL, new int[] {1, 2}, ALL));
        assertThat(faults).singleElement().satisfies(fault -> {
            assertThat(fault.kind()).isEqualTo(kind);
            assertThat(fault.replica()).isZero();
        });
    }

    /// Every gradient is finite, and so is its norm in float64.
    @Test
    void parametersThatOverflowGoNoFurtherThanTheirReplica() {
        Tensor theta = Tensor.zeros(P);
        Behaviour behaviour = (m, step) -> m == 2 && step > 4 ? Float.MAX_VALUE : healthy(m, step);
        try (ThreadPoolGroup group = ToyGroup.of(localSgd(), Pace.equal(3), 1, Compression.none(),
                (index, kernels) -> new Slope(index, kernels, behaviour), TWO, ToyGroup.NEVER_STOPS)) {
            train(localSgd(), group, theta, 0, 2);
        }
        assertAll(theta, expected(ALL, new int[] {0, 1}) / (float) LR);
        assertThat(faults).singleElement().hasToString(
                "replica 2 computes what is not a number (step 8, replica 2: its message is not finite)");
    }

    @Test
    void aReplicaThatComesLateJoinsTheNextRound() {
        CountDownLatch late = new CountDownLatch(1);
        Tensor theta = train(localSgd(), TWO_IN_TIME, 3, (m, step) -> {
            if (m == 2 && step == 0) {
                hang();
                late.await();
            }
            return healthy(m, step);
        });
        assertAll(theta, expected(new int[] {0, 1}, ALL, ALL));
    }

    @Test
    void whatAHungReplicaDoesLaterTouchesNothing() {
        Tensor theta = withAReplicaThatWakesUp();
        assertThat(faults).hasSize(1);
        assertThat(finished).hasSize(4);
        assertAll(theta, expected(new int[] {0, 2}, ALL, ALL, ALL));
        assertThat(heard).contains(List.of(1, 1), List.of(1, 5)).doesNotContain(List.of(1, 2), List.of(1, 3), List.of(1, 4));
    }

    private Tensor withAReplicaThatWakesUp() {
        CountDownLatch goesOn = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        Behaviour behaviour = (m, step) -> {
            if (m == 1 && step == 1) {
                hang();
                boolean released = false;
                while (!released) {
                    try {
                        released = goesOn.await(1, TimeUnit.MINUTES);
                    } catch (InterruptedException e) { // deaf
                    }
                }
                return 1e6f;
            }
            if (step == 9) { // while a later round is underway
                goesOn.countDown();
                ended.await();
            }
            return healthy(m, step);
        };
        Tensor theta = Tensor.zeros(P);
        LocalSgd algorithm = localSgd();
        try (ThreadPoolGroup group = group(algorithm, TWO_IN_TIME, behaviour)) {
            Replica hangs = group.replica(1);
            algorithm.train(theta, new Delegate(group) {
                @Override
                public <R> List<R> each(Function<Replica, R> work) {
                    return super.each(m -> {
                        try {
                            return work.apply(m);
                        } finally {
                            if (m == hangs) {
                                ended.countDown();
                            }
                        }
                    });
                }
            }, new Rounds(0, 16, group.guarding(algorithm, theta, observer())));
            assertThat(hangs.parameters().get(0)).isLessThan(-1000);
        }
        return theta;
    }

    @Test
    void aRoundWithoutAQuorumIsRolledBackAndCanBeRepeated() {
        DiLoCo algorithm = diLoCo();
        Tensor theta = Tensor.zeros(P);
        boolean[] broken = {true};
        Behaviour behaviour = (m, step) -> {
            if (broken[0] && m > 0 && step == 9 + m) {
                throw new IllegalStateException("flood");
            }
            return healthy(m, step) + step;
        };
        try (ThreadPoolGroup group = group(algorithm, TWO, behaviour)) {
            train(algorithm, group, theta, 0, 2);
            Map<String, float[]> before = state(algorithm, group, theta);
            finished.clear();
            assertThatThrownBy(() -> algorithm.train(theta, group, new Rounds(2, 16, group.guarding(algorithm, theta, observer()))))
                    .isInstanceOf(RoundFailedException.class)
                    .hasMessage("round 3, steps 9 to 12, was rolled back: 1 of 3 replicas are left, the quorum is 2: "
                            + "replica 1 failed (java.lang.IllegalStateException: flood); replica 2 failed (java.lang.IllegalStateException: flood)");
            assertThat(group.rolledBack()).isTrue();
            assertThat(finished).isEmpty();
            assertSame(state(algorithm, group, theta), before);
            assertThat(before.keySet()).contains("theta", "algorithm.velocity", "replica.2.channel.error");
            broken[0] = false;
            algorithm.train(theta, group, new Rounds(2, 16, group.guarding(algorithm, theta, observer())));
            assertThat(group.rolledBack()).isFalse();
        }
        Tensor whole = train(diLoCo(), TWO, 4, (m, step) -> healthy(m, step) + step);
        assertThat(theta.toArray()).isEqualTo(whole.toArray());
    }

    /// Two fragments of four are merged when the third meets the fault.
    @Test
    void whatARoundHasMergedAlreadyIsRolledBackToo() {
        Fragments quarters = new Fragments(List.of(
                List.of(new Fragments.Range(0, 2)), List.of(new Fragments.Range(2, 1)), List.of(new Fragments.Range(3, 2))));
        StreamingDiLoCo algorithm = new StreamingDiLoCo(
                3, quarters, 1, 0, 0, new Schedule.Constant(1), elements -> new Sgd(elements, 0.5, true));
        Tensor theta = Tensor.zeros(P);
        try (ThreadPoolGroup group = group(algorithm, new Tolerance(3, Optional.of(Duration.ofMinutes(1))), FaultTest::healthy)) {
            Map<String, float[]> before = new HashMap<>(state(algorithm, group, theta));
            int[] calls = new int[1];
            ReplicaGroup failing = new Delegate(group) {
                @Override
                public <R> List<R> each(Function<Replica, R> work) {
                    return super.each(m -> {
                        if (m.index() == 0 && ++calls[0] == 4) {
                            throw new IllegalStateException("flood");
                        }
                        return work.apply(m);
                    });
                }
            };
            assertThatThrownBy(() -> algorithm.train(theta, failing, new Rounds(0, 1, group.guarding(algorithm, theta, observer()))))
                    .isInstanceOf(RoundFailedException.class).hasMessageContaining("flood");
            assertThat(calls[0]).isEqualTo(4);
            assertSame(state(algorithm, group, theta), before);
        }
    }

    @Test
    void anOuterStepThatOverflowsIsRolledBack() {
        DiLoCo algorithm = new DiLoCo(0, H, new Schedule.Constant(1e38), new Sgd(P, 0.5, true));
        Tensor theta = Tensor.zeros(P);
        try (ThreadPoolGroup group = group(algorithm, TWO, (m, step) -> 1e4f)) {
            Map<String, float[]> before = state(algorithm, group, theta);
            assertThatThrownBy(() -> train(algorithm, group, theta, 0, 1)).isInstanceOf(RoundFailedException.class)
                    .hasMessageContaining("round 1, steps 1 to 4").hasMessageContaining("not finite");
            assertSame(state(algorithm, group, theta), before);
        }
    }

    @Test
    void aRoundInWhichAReplicaWasDroppedAndTrainingIsStoppedIsRolledBack() {
        Algorithm algorithm = diLoCo();
        Tensor theta = Tensor.zeros(P);
        try (ThreadPoolGroup group = ToyGroup.of(algorithm, Pace.equal(3), LR, Compression.none(),
                (index, kernels) -> new Slope(index, kernels, (m, step) -> {
                    if (m == 0 && step == 4) {
                        throw new IllegalStateException("flood");
                    }
                    return healthy(m, step);
                }), TWO, new StepObserver() {
                    @Override
                    public boolean mayStart(int replica, int step) {
                        return step <= 7;
                    }

                    @Override
                    public void finished(int replica, int step, double loss) {}
                })) {
            assertThatThrownBy(() -> train(algorithm, group, theta, 0, 4)).isInstanceOf(StoppedException.class);
            assertThat(group.rolledBack()).isTrue();
            assertThat(finished).hasSize(1);
            for (int m = 0; m < 3; m++) {
                assertThat(group.replica(m).step()).isEqualTo(4);
            }
        }
    }

    private static Map<String, float[]> state(Algorithm algorithm, ThreadPoolGroup group, Tensor theta) {
        Map<String, float[]> state = new HashMap<>();
        group.state(algorithm, _ -> false).forEach((name, buffer) -> state.put(name, buffer.toArray()));
        state.put("theta", theta.toArray());
        return state;
    }

    private static void assertSame(Map<String, float[]> actual, Map<String, float[]> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, values) -> assertThat(actual.get(name)).as(name).isEqualTo(values));
    }

    private static class Delegate implements ReplicaGroup {
        private final ReplicaGroup group;

        Delegate(ReplicaGroup group) {
            this.group = group;
        }

        @Override
        public int size() {
            return group.size();
        }

        @Override
        public <R> List<R> each(Function<Replica, R> work) {
            return group.each(work);
        }

        @Override
        public Tensor mean(List<Message> messages, Tensor into) {
            return group.mean(messages, into);
        }

        @Override
        public Tensor receive(Message message) {
            return group.receive(message);
        }

        @Override
        public void gossip(Message one, Message other) {
            group.gossip(one, other);
        }

        @Override
        public void broadcast(Message message, List<Integer> receivers) {
            group.broadcast(message, receivers);
        }

        @Override
        public long communicatedBytes() {
            return group.communicatedBytes();
        }

        @Override
        public Kernels kernels() {
            return group.kernels();
        }

        @Override
        public void close() {
            group.close();
        }
    }

    /// Also where a replica has failed.
    @Test
    void thereIsOneMeanARoundOverThoseThatTakePart() {
        DiLoCo algorithm = diLoCo();
        List<Integer> means = new ArrayList<>();
        Tensor theta = Tensor.zeros(P);
        try (ThreadPoolGroup group = group(algorithm, TWO, (m, step) -> {
            if (m == 2 && step == 6) {
                throw new IllegalStateException("flood");
            }
            return healthy(m, step);
        })) {
            algorithm.train(theta, new Delegate(group) {
                @Override
                public Tensor mean(List<Message> messages, Tensor into) {
                    means.add(messages.size());
                    return super.mean(messages, into);
                }
            }, new Rounds(0, 14, group.guarding(algorithm, theta, observer())));
        }
        assertThat(means).containsExactly(3, 2, 3, 3);
    }

    @Test
    void aNewReplicaBeginsWithNothingOfTheOldOne() {
        DiLoCo algorithm = diLoCo();
        Tensor theta = Tensor.zeros(P);
        try (ThreadPoolGroup group = group(algorithm, TWO, (m, step) -> {
            if (m == 1 && step == 7) {
                throw new IllegalStateException("flood");
            }
            return healthy(m, step);
        })) {
            Replica old = group.replica(1);
            Replica other = group.replica(0);
            train(algorithm, group, theta, 0, 2);
            assertThat(group.replica(0)).isSameAs(other);
            assertThat(group.replica(1)).isNotSameAs(old);
            assertThat(group.replica(1).step()).isEqualTo(8);
            assertThat(group.replica(1).optimizerSteps()).isZero();
            assertThat(group.replica(1).parameters().toArray()).isEqualTo(theta.toArray());
            assertThat(group.replica(1).state().get("channel.error").toArray()).containsOnly(0);
            assertThat(other.state().get("channel.error").toArray()).isNotEqualTo(new float[P]);
        }
    }

    private Tensor train(Algorithm algorithm, Pace pace, int steps, Behaviour behaviour) {
        Tensor theta = Tensor.zeros(P);
        try (ThreadPoolGroup group = group(algorithm, pace, "fp32", new Tolerance(1, Optional.of(LIMIT)), behaviour)) {
            algorithm.train(theta, group, new Rounds(0, steps, group.guarding(algorithm, theta, observer())));
        }
        return theta;
    }

    private static AsyncLocalSgd async(Pace pace) {
        return new AsyncLocalSgd(pace, 4, false, 3, new Schedule.Constant(1), 0.5, P);
    }

    /// Theta after arrivals with these steps of slope 1, by delayed Nesterov with N = 3 and mu = 0.5.
    private static float arrivals(int... steps) {
        double theta = 0;
        double v = 0;
        double sum = 0;
        for (int k = 1; k <= steps.length; k++) {
            double g = steps[k - 1] * LR;
            sum += g;
            theta -= g / 3;
            if (k % 3 == 0) {
                v = 0.5 * v + sum / 3;
                theta -= 0.5 * v;
                sum = 0;
            }
        }
        return (float) theta;
    }

    @Test
    void arrivalsOfHealthyReplicas() {
        assertAll(train(async(Pace.equal(3)), Pace.equal(3), 12, FaultTest::healthy), arrivals(4, 8, 12, 4, 8, 12, 4, 8, 12));
    }

    /// Replica 0 would have been the fourth to arrive.
    @ParameterizedTest
    @EnumSource
    void anArrivalThatAFaultPreventsDoesNotCount(Fault.Kind kind) {
        assertAll(train(async(Pace.equal(3)), Pace.equal(3), 12, faulty(kind, 0, 6)), arrivals(4, 8, 12, 8, 12, 4, 8, 12));
        assertThat(faults).singleElement().satisfies(fault -> {
            assertThat(fault.replica()).isZero();
            assertThat(fault.kind()).isEqualTo(kind);
        });
        assertThat(lefts).containsExactly(2);
    }

    /// Replicas 0 and 1 arrive at 4, 8 and 12 s, replica 2 at 8 s, when it has been there anew for 2 of its 4 steps, and at the
    /// end.
    @Test
    void whoFailsOnTheWayArrivesWithWhatItHasDoneSince() {
        Pace pace = new Pace(1000, 1000, 2000);
        assertAll(train(async(pace), pace, 10, faulty(Fault.Kind.FAILED, 2, 1)), arrivals(4, 8, 4, 8, 2 * 3, 4, 8, 2 * 3));
        assertThat(heard).contains(List.of(2, 1), List.of(2, 3), List.of(2, 6)).doesNotContain(List.of(2, 2));
    }

    @Test
    void anArrivalWithoutAQuorumIsRolledBackAndCanBeRepeated() {
        Pace pace = new Pace(1000, 1000, 2000);
        AsyncLocalSgd algorithm = async(pace);
        Tensor theta = Tensor.zeros(P);
        boolean[] broken = {true};
        Behaviour behaviour = (m, step) -> {
            if (broken[0] && m > 0 && step == (m == 1 ? 5 : 3)) {
                throw new IllegalStateException("flood");
            }
            return healthy(m, step) + step;
        };
        try (ThreadPoolGroup group = group(algorithm, pace, "topk:0.4", TWO, behaviour)) {
            assertThatThrownBy(() -> algorithm.train(theta, group, new Rounds(0, 10, group.guarding(algorithm, theta, observer()))))
                    .isInstanceOf(RoundFailedException.class).hasMessageContaining("round 3")
                    .hasMessageContaining("1 of 3 replicas are left");
            assertThat(finished).hasSize(2);
            assertThat(algorithm.state().get("arrivals").get(0)).isEqualTo(2);
            broken[0] = false;
            algorithm.train(theta, group, new Rounds(2, 10, group.guarding(algorithm, theta, observer())));
        }
        Tensor whole = Tensor.zeros(P);
        AsyncLocalSgd other = async(pace);
        try (ThreadPoolGroup group = group(other, pace, "topk:0.4", TWO, behaviour)) {
            other.train(whole, group, new Rounds(0, 10, group.guarding(other, whole, observer())));
        }
        assertThat(theta.toArray()).isEqualTo(whole.toArray());
    }

    private static DecoupledDiLoCo decoupled(Pace pace, int quorum, double momentum) {
        return new DecoupledDiLoCo(pace, 4, quorum, 0, new Schedule.Constant(1), new Sgd(P, momentum, momentum > 0));
    }

    @ParameterizedTest
    @EnumSource
    void aMergeGoesOnWithoutAReplicaThatFails(Fault.Kind kind) {
        Tensor theta = train(decoupled(Pace.equal(3), 2, 0), Pace.equal(3), 12, faulty(kind, 1, 5));
        assertAll(theta, expected(ALL, new int[] {0, 2}, ALL));
        assertThat(faults).singleElement().extracting(Fault::replica).isEqualTo(1);
    }

    /// Replicas 0 and 1 are merged after 4 s, all after 8 s.
    @Test
    void whoFailedIsMergedByTheStepsItHasDoneSince() {
        Pace pace = new Pace(1000, 1000, 2000);
        double first = 4 * LR * (1 + 2) / 2;
        Tensor whole = train(decoupled(pace, 2, 0), pace, 6, FaultTest::healthy);
        assertAll(whole, (float) -(first + 4 * LR * (1 + 2 + 3) / 3));
        Tensor theta = train(decoupled(pace, 2, 0), pace, 6, faulty(Fault.Kind.FAILED, 2, 1));
        assertAll(theta, (float) -(first + LR * (4 * 4 * 1 + 4 * 4 * 2 + 2 * 2 * 3) / 10));
    }

    /// Replica 0 is merged every 4 s, replica 1 every 12 s.
    @Test
    void aMergeOfNobodyTakesNoOuterStep() {
        Pace pace = new Pace(1000, 3000);
        DecoupledDiLoCo algorithm = decoupled(pace, 1, 0.5);
        Tensor theta = train(algorithm, pace, 8, faulty(Fault.Kind.FAILED, 0, 5)); // 16 steps take 12 s
        double v = 4 * LR;
        double expected = v + 0.5 * v;
        double delta = LR * (4 * 4 + 4 * 4 * 2) / 8;
        v = 0.5 * v + delta;
        assertAll(theta, (float) -(expected + delta + 0.5 * v));
        assertThat(finished).hasSize(3);
        Sgd outerOpt = new Sgd(P, 0.5, true);
        DecoupledDiLoCo resumed = new DecoupledDiLoCo(pace, 4, 1, 0, new Schedule.Constant(1), outerOpt);
        algorithm.state().forEach((name, buffer) -> resumed.state().get(name).set(buffer));
        resumed.resume(3);
        assertThat(outerOpt.steps()).isEqualTo(2);
    }

    /// It left with the first theta, and goes on from that, however often the others have arrived meanwhile.
    @Test
    void aSlowReplicaLeavesOnce() {
        Pace pace = new Pace(1000, 5000);
        for (Algorithm algorithm : List.of(
                new AsyncLocalSgd(pace, 1, false, 1, new Schedule.Constant(1), 0, P),
                new DecoupledDiLoCo(pace, 1, 1, 0, new Schedule.Constant(1), new Sgd(P, 0, false)))) {
            float[] seen = new float[1];
            Tensor theta = Tensor.zeros(P);
            try (ThreadPoolGroup group = ToyGroup.of(algorithm, pace, LR, Compression.none(),
                    (index, kernels) -> new ToyGroup.Toy(P, kernels) {
                        @Override
                        public double gradient(int step) {
                            seen[0] = index == 1 && step == 0 ? parameters.get(0) : seen[0];
                            gradients.fill(1);
                            return 0;
                        }
                    })) {
                theta.fill(7);
                algorithm.train(theta, group, new Rounds(0, 3, observer()));
            }
            assertThat(seen[0]).isEqualTo(7);
        }
    }

    @Test
    void aToleranceThatMakesNoSenseIsRefused() {
        assertThatThrownBy(() -> new Tolerance(0, Optional.empty())).hasMessageContaining("quorum 0");
        assertThatThrownBy(() -> new Tolerance(1, Optional.of(Duration.ZERO))).hasMessageContaining("round-limit of 0.0 s");
        assertThatThrownBy(() -> group(localSgd(), new Tolerance(4, Optional.empty()), FaultTest::healthy))
                .hasMessageContaining("quorum 4 of 3 replicas");
    }
}
