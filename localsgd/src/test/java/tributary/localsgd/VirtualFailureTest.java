package tributary.localsgd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tributary.localsgd.cluster.Cluster;
import tributary.localsgd.cluster.Exchange;
import tributary.localsgd.cluster.Failure;
import tributary.localsgd.cluster.Link;
import tributary.localsgd.cluster.OnFailure;
import tributary.localsgd.cluster.Speed;
import tributary.localsgd.cluster.VirtualClock;
import tributary.localsgd.cluster.VirtualGroup;
import tributary.localsgd.cluster.Worker;
import tributary.localsgd.cluster.WorkerTime;
import tributary.model.optimizer.Schedule;
import tributary.model.optimizer.Sgd;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// What failures of virtual workers do to the numbers: replicas that pull one number towards targets of their own, by SGD with
/// momentum.
class VirtualFailureTest {
    private static final double[] TARGETS = {0, 3, 9};
    private static final double LR = 0.25;
    private static final double MOMENTUM = 0.5;
    private static final int H = 4;

    private final List<Double> results = new ArrayList<>();

    private static Worker worker(Failure... failures) {
        return new Worker("w", new Speed.Constant(1), Link.ideal(), List.of(failures));
    }

    private static Cluster cluster(OnFailure onFailure, Worker... workers) {
        return new Cluster(1, 1, Exchange.SERVER, onFailure, List.of(workers));
    }

    /// Trains by local SGD, H steps of a second each in a round.
    private VirtualClock train(Cluster cluster, int rounds) {
        return train(new LocalSgd(new LocalSteps.Constant(H)), cluster, rounds * H);
    }

    private VirtualClock train(Algorithm algorithm, Cluster cluster, int steps) {
        VirtualClock clock = new VirtualClock(cluster);
        Tensor theta = Tensor.of(new float[] {1}, 1);
        try (VirtualGroup group = new VirtualGroup(new ThreadPoolGroup(TARGETS.length, 2, Kernels::simd, (m, kernels) -> {
            Objective objective = new ToyGroup.Toy(1, kernels) {
                @Override
                public double gradient(int step) {
                    gradients.set(0, (float) (parameters.get(0) - TARGETS[m]));
                    return 0;
                }
            };
            return new Replica(m, objective,
                    Optional.of(new Replica.InnerOpt(new Sgd(1, MOMENTUM, false), new Schedule.Constant(LR), Double.POSITIVE_INFINITY)),
                    Replica.Equipment.plain(TARGETS.length), clock.over(ToyGroup.NEVER_STOPS));
        }), cluster, clock)) {
            algorithm.train(theta, group, new Rounds(0, steps, new Rounds.Observer() {
                @Override
                public void begins(Round round) {
                    group.begin(round, algorithm, theta);
                }

                @Override
                public void finished(Round round) {
                    results.add((double) theta.get(0));
                }
            }));
        }
        return clock;
    }

    /// The results of rounds in which these replicas take part. Who fails forgets its momentum; who is cut off has done the
    /// steps of that round in vain.
    private static List<Double> expected(boolean fails, List<List<Integer>> present) {
        List<Double> results = new ArrayList<>();
        double theta = 1;
        double[] v = new double[TARGETS.length];
        List<Integer> before = ALL;
        for (List<Integer> round : present) {
            double sum = 0;
            for (int m = 0; m < v.length; m++) {
                double own = theta;
                for (int step = 0; step < H && (before.contains(m) || round.contains(m)); step++) {
                    v[m] = MOMENTUM * v[m] + own - TARGETS[m];
                    own -= LR * v[m];
                }
                sum += round.contains(m) ? own : 0;
                v[m] = fails && !round.contains(m) ? 0 : v[m];
            }
            before = round;
            theta = sum / round.size();
            results.add(theta);
        }
        return results;
    }

    private void assertResults(List<Double> expected) {
        assertThat(results).hasSameSizeAs(expected);
        for (int t = 0; t < results.size(); t++) {
            assertThat(results.get(t)).as("round %d", t + 1).isCloseTo(expected.get(t), within(1e-5));
        }
    }

    private static final List<Integer> ALL = List.of(0, 1, 2);
    private static final List<Integer> TWO = List.of(0, 1);

    @Test
    void waitingChangesTheTimeAndNotTheNumbers() {
        train(cluster(new OnFailure.Wait(), worker(), worker(), worker()), 4);
        List<Double> undisturbed = List.copyOf(results);
        results.clear();
        VirtualClock clock = train(cluster(new OnFailure.Wait(), worker(new Failure.Crash(5, 7)),
                worker(new Failure.Leave(2), new Failure.Join(3)), worker(new Failure.Slow(0, 100, 0.5), new Failure.Partition(15, 30))),
                4);
        assertThat(results).isEqualTo(undisturbed);
        // 8 s at half the speed; 12 s + 4 (a crash, 8 s + 1, 7 and 4 again in vain of which 1 is lost); then 8 s, and the line is cut at 15 s
        assertThat(clock.seconds()).isGreaterThan(45);
    }

    /// It crashes in the second round and is back in the fourth.
    @Test
    void whoFailsIsDroppedAndBeginsAnewAtTheGlobalParameters() {
        VirtualClock clock = train(cluster(new OnFailure.Drop(2), worker(), worker(), worker(new Failure.Crash(5.5, 6))), 5);
        assertResults(expected(true, List.of(ALL, TWO, TWO, ALL, ALL)));
        WorkerTime failed = clock.times().get(2);
        assertThat(failed.lost()).isEqualTo(1.5);
        assertThat(failed.down()).isEqualTo(6);
        assertThat(failed.failures()).isEqualTo(1);
        assertThat(failed.waiting()).as("from its repair to the fourth round").isEqualTo(12 - 11.5);
        assertThat(failed.compute()).isEqualTo(12);
        assertThat(clock.seconds()).isEqualTo(20);
    }

    @Test
    void whoIsCutOffIsDroppedAndKeepsItsMomentum() {
        VirtualClock clock = train(cluster(new OnFailure.Drop(1), worker(), worker(), worker(new Failure.Partition(6, 3))), 4);
        assertResults(expected(false, List.of(ALL, TWO, TWO, ALL)));
        WorkerTime cut = clock.times().get(2);
        assertThat(cut.lost()).isEqualTo(4);
        assertThat(cut.failures()).isZero();
        assertThat(cut.waiting()).isEqualTo(4);
    }

    /// Of two that crash in the first round, the quorum waits for the one that is ready first.
    @Test
    void aQuorumWaitsForTheFirstToBeRepaired() {
        VirtualClock clock = train(
                cluster(new OnFailure.Drop(2), worker(), worker(new Failure.Crash(1, 2)), worker(new Failure.Crash(2, 1.5))), 2);
        assertResults(expected(true, List.of(TWO, ALL)));
        assertThat(clock.seconds()).as("3 s and 4 s again, then 4 s").isEqualTo(11);
        assertThat(clock.times().get(1).lost()).isEqualTo(1);
    }

    @Test
    void whoJoinsLateAndLeavesForGoodTakesPartInBetween() {
        VirtualClock clock = train(
                cluster(new OnFailure.Drop(2), worker(), worker(), worker(new Failure.Join(3), new Failure.Leave(9))), 4);
        assertResults(expected(true, List.of(TWO, ALL, TWO, TWO)));
        WorkerTime guest = clock.times().get(2);
        assertThat(guest.down()).isEqualTo(3 + 7);
        assertThat(guest.waiting()).isEqualTo(1);
        assertThat(guest.lost()).isEqualTo(1);
        assertThat(guest.failures()).as("that it comes late is no failure").isEqualTo(1);
    }

    @Test
    void aRoundThatHasNoQuorumBeginsWhenItHas() {
        VirtualClock clock = train(cluster(new OnFailure.Drop(2), worker(), worker(new Failure.Join(5)), worker(new Failure.Join(6))), 1);
        assertResults(expected(true, List.of(TWO)));
        assertThat(clock.seconds()).isEqualTo(9);
        assertThat(clock.times().get(0).waiting()).isEqualTo(5);
    }

    /// All move together for six steps; one is gone in the third and fourth and takes over the momentum of another in the
    /// fifth. In the rounds that follow, all begin with the same.
    @Test
    void whoComesBackWhileAllMoveTogetherTakesOverTheOptimizer() {
        VirtualClock clock = train(new PostLocalSgd(6, new LocalSteps.Constant(H)),
                cluster(new OnFailure.Drop(1), worker(), worker(), worker(new Failure.Crash(2.5, 1))), 6 + H);
        double theta = 1;
        double v = 0;
        List<Double> expected = new ArrayList<>();
        for (int step = 1; step <= 6; step++) {
            List<Integer> present = step == 3 || step == 4 ? TWO : ALL;
            double point = theta;
            v = MOMENTUM * v + present.stream().mapToDouble(m -> point - TARGETS[m]).average().orElseThrow();
            theta -= LR * v;
            expected.add(theta);
        }
        double sum = 0;
        for (double target : TARGETS) {
            double own = theta;
            double ownV = v;
            for (int step = 0; step < H; step++) {
                ownV = MOMENTUM * ownV + own - target;
                own -= LR * ownV;
            }
            sum += own;
        }
        expected.add(sum / TARGETS.length);
        assertResults(expected);
        // everyone's messages are counted: 8 bytes each in a round, 4 for the parameters and 4 for the momentum, sent and received
        assertThat(clock.communicatedBytes()).isEqualTo((4 * 3 + 2 * 2 + 3) * 8 + 4 + 8);
    }

    @Test
    void whatCannotGoOnIsRefused() {
        Worker leaves = worker(new Failure.Leave(5));
        assertThatThrownBy(() -> train(cluster(new OnFailure.Wait(), worker(), worker(), leaves), 1))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("worker w leaves for good");
        assertThatThrownBy(() -> cluster(new OnFailure.Drop(3), worker(), worker(), leaves))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("quorum 3 is more than the 2 of 3 workers that stay");
        assertThatThrownBy(() -> train(cluster(new OnFailure.Wait(), worker(new Failure.RandomCrashes(0.01, 0.01)), worker(), worker()), 1))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("w has failed 10000 times before 1.0 s of work");
    }
}
