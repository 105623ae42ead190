package tributary.localsgd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tributary.localsgd.cluster.Cluster;
import tributary.localsgd.cluster.Exchange;
import tributary.localsgd.cluster.Failure;
import tributary.localsgd.cluster.Link;
import tributary.localsgd.cluster.ServerMeetings;
import tributary.localsgd.cluster.ServerPost;
import tributary.localsgd.cluster.Speed;
import tributary.localsgd.cluster.VirtualClock;
import tributary.localsgd.cluster.VirtualGroup;
import tributary.localsgd.cluster.Worker;
import tributary.localsgd.cluster.WorkerTime;
import tributary.model.json.JsonFile;
import tributary.model.optimizer.Schedule;
import tributary.model.optimizer.Sgd;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// Decoupled DiLoCo on a virtual cluster: three replicas pull one number towards targets of their own, H = 2, K = 2.
///
/// Steps take 1, 2 and 4 seconds. A note takes a quarter of a second; a message a quarter and its 4 bytes a half up, a quarter
/// down.
class VirtualDecoupledTest {
    private static final double[] TARGETS = {0, 3, 9};
    private static final double LR = 0.25;
    private static final double ETA = 0.5;
    private static final int H = 2;
    private static final Link LINE = new Link(64, 128, 0.25, 0, 0);

    private final List<Round> rounds = new ArrayList<>();
    private final List<Double> results = new ArrayList<>();

    private static Cluster cluster(Link line, List<List<Failure>> failures) {
        double[] speeds = {1, 0.5, 0.25};
        return new Cluster(1, 1, Exchange.SERVER, IntStream.range(0, 3)
                .mapToObj(m -> new Worker("w" + m, new Speed.Constant(speeds[m]), line, failures.get(m))).toList());
    }

    private static Cluster cluster(Link line) {
        return cluster(line, List.of(List.of(), List.of(), List.of()));
    }

    private VirtualClock train(Cluster cluster, double grace, int steps) {
        VirtualClock clock = new VirtualClock(cluster, OptionalInt.of(H));
        Pace pace = ServerMeetings.restless(cluster, steps, H);
        Algorithm algorithm = new DecoupledDiLoCo(pace, () -> new ServerPost(cluster, 4, 4), H, 2, Math.round(grace * 1e9),
                new Schedule.Constant(ETA), new Sgd(1, 0, false));
        try (VirtualGroup group = new VirtualGroup(group(algorithm, pace, clock.over(ToyGroup.NEVER_STOPS)), cluster, clock)) {
            train(algorithm, group, steps);
        }
        return clock;
    }

    private void train(Algorithm algorithm, ReplicaGroup group, int steps) {
        Tensor theta = Tensor.of(new float[] {1}, 1);
        algorithm.train(theta, group, new Rounds(0, steps, new Rounds.Observer() {
            @Override
            public void finished(Round round) {
                rounds.add(round);
                results.add((double) theta.get(0));
            }
        }));
    }

    private static ThreadPoolGroup group(Algorithm algorithm, Pace pace, StepObserver observer) {
        return new ThreadPoolGroup(TARGETS.length, 2, Kernels::simd, (m, kernels) -> new Replica(
                m, new ToyGroup.Toy(1, kernels) {
                    @Override
                    public double gradient(int step) {
                        gradients.set(0, (float) (parameters.get(0) - TARGETS[m]));
                        return 0;
                    }
                },
                Optional.of(new Replica.InnerOpt(new Sgd(1, 0, false), new Schedule.Constant(LR), Double.POSITIVE_INFINITY)),
                new Replica.Equipment(algorithm.memories(), Optional.empty(), pace), observer));
    }

    /// The algorithm by hand.
    private static final class ByHand {
        private double theta = 1;
        private final double[] own = {1, 1, 1};
        private final double[] start = {1, 1, 1};
        private final double[] delta = new double[3];
        private final double[] weight = new double[3];

        ByHand steps(int m, int count) {
            for (int i = 0; i < count; i++) {
                own[m] -= LR * (own[m] - TARGETS[m]);
            }
            return this;
        }

        ByHand send(int m, double steps) {
            delta[m] = start[m] - own[m];
            weight[m] = steps;
            return this;
        }

        ByHand merge(int... who) {
            double sum = Arrays.stream(who).mapToDouble(m -> weight[m] * delta[m]).sum();
            theta -= ETA * sum / Arrays.stream(who).mapToDouble(m -> weight[m]).sum();
            Arrays.stream(who).forEach(m -> start[m] = theta);
            return this;
        }

        ByHand take(int m) {
            own[m] = start[m];
            return this;
        }
    }

    /// Two notes are there at 4.25 s; half a second later the two are asked; what they have leaves at 5 s and is there at 5.75
    /// s; theta is back at 6.25 s. Then at 8.25 s, asked 8.75 s, there 9.75 s, back 10.25 s; and at 12.25 s, 12.75 s, 13.75 s,
    /// 14.25 s. The run is over at 16 s.
    @Test
    void mergesWaitForTwoWhileEveryoneGoesOn() {
        VirtualClock clock = train(cluster(LINE), 0.5, 9);
        assertThat(rounds.stream().map(Round::last)).containsExactly(2, 5, 7, 9); // of 8, 15, 22 and 28 steps together

        ByHand hand = new ByHand();
        List<Double> expected = new ArrayList<>();
        hand.steps(0, 4).send(0, 4).steps(0, 2).steps(1, 2).send(1, 2).steps(1, 1).merge(0, 1).take(0).take(1);
        expected.add(hand.theta);
        hand.steps(0, 2).send(0, 2).steps(2, 2).send(2, 2).merge(0, 2).take(0).take(2);
        expected.add(hand.theta);
        hand.steps(0, 2).send(0, 2).steps(1, 3).send(1, 3).merge(0, 1).take(0).take(1);
        expected.add(hand.theta);
        hand.steps(0, 2).send(0, 2).steps(1, 1).send(1, 1).steps(2, 2).send(2, 2).merge(0, 1, 2);
        expected.add(hand.theta);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(results.get(i)).as("merge %d", i + 1).isCloseTo(expected.get(i), within(1e-6));
        }

        assertThat(clock.times()).containsExactly( // the last messages leave at 16.25 s, theta is everywhere at 17.5 s
                new WorkerTime("w0", 16, 0, 1.5, 0, 0, 0, 17.5, 4 * 1.25),
                new WorkerTime("w1", 16, 0, 1.5, 0, 0, 0, 17.5, 3 * 1.25),
                new WorkerTime("w2", 16, 0, 1.5, 0, 0, 0, 17.5, 2 * 1.25));
        assertThat(clock.communicatedBytes()).isEqualTo((2 + 2 + 2 + 3) * (4 + 4));
    }

    @Test
    void messagesAreDrawnOnALaneOfTheirOwn(@TempDir Path temp) throws IOException {
        VirtualClock clock = train(cluster(LINE), 0.5, 9);
        clock.writeTimeline(temp.resolve("trace.json"), temp.resolve("picture.svg"));
        Map<Integer, List<String>> lanes = new TreeMap<>();
        for (JsonNode event : JsonFile.read(temp.resolve("trace.json")).required("traceEvents")) {
            if (event.required("ph").stringValue().equals("X") && event.required("pid").intValue() == 2) {
                lanes.computeIfAbsent(event.required("tid").intValue(), m -> new ArrayList<>()).add(event.required("name").stringValue()
                        + " " + event.required("ts").doubleValue() / 1e6 + " " + event.required("dur").doubleValue() / 1e6);
            }
        }
        assertThat(lanes.get(1)).containsExactly("send 5.0 0.75", "receive 5.75 0.5", "send 13.0 0.75", "receive 13.75 0.5",
                "send 16.25 0.75", "receive 17.0 0.5");
        assertThat(lanes.get(2)).containsExactly("send 9.0 0.75", "receive 9.75 0.5", "send 16.25 0.75", "receive 17.0 0.5");
    }

    /// Bit for bit.
    @Test
    void whereMessagesTakeNoTimeItIsTheSameAsWithoutACluster() {
        train(cluster(Link.ideal()), 0.3, 20);
        List<Double> onACluster = List.copyOf(results);
        List<Round> roundsThere = List.copyOf(rounds);
        results.clear();
        rounds.clear();
        Pace pace = new Pace(1000, 2000, 4000);
        Algorithm algorithm = new DecoupledDiLoCo(pace, H, 2, 300, new Schedule.Constant(ETA), new Sgd(1, 0, false));
        try (ThreadPoolGroup group = group(algorithm, pace, ToyGroup.NEVER_STOPS)) {
            train(algorithm, group, 20);
        }
        assertThat(results).isEqualTo(onACluster).hasSizeGreaterThan(5);
        assertThat(rounds.stream().map(Round::last)).isEqualTo(roundsThere.stream().map(Round::last).toList());
    }

    /// The slowest crashes in its first step: 3 s are lost, 10 s later it begins again. The second merge waits for the other
    /// two, whose notes are there at 8.25 s and 10.25 s.
    @Test
    void whoCrashesHoldsUpNobody() {
        VirtualClock clock = train(cluster(LINE, List.of(List.of(), List.of(), List.of(new Failure.Crash(3, 10)))), 0.5, 10);
        // at 5.75 s, 11.75 s and 17.75 s: 5 + 2, 11 + 5 and 17 + 8 + 1 steps; 20 + 10 + 1 at 20 s
        assertThat(rounds.stream().map(Round::last)).containsExactly(2, 5, 8, 10);
        assertThat(clock.times()).containsExactly(
                new WorkerTime("w0", 20, 0, 1.5, 0, 0, 0, 21.5, 4 * 1.25), new WorkerTime("w1", 20, 0, 1.5, 0, 0, 0, 21.5, 4 * 1.25),
                new WorkerTime("w2", 4, 0, 4.5, 3, 10, 1, 21.5, 1.25));
    }

    /// Its note is held up from 4.1 s to 9 s: the second merge is of the other two, whose notes are there at 8.25 s.
    @Test
    void whoIsCutOffIsMergedLater() {
        VirtualClock clock = train(
                cluster(LINE, List.of(List.of(), List.of(new Failure.Partition(4.1, 4.9)), List.of())), 0.5, 7);
        // at 9.75 s: 9 + 4 + 2 steps; 12 + 6 + 3 at 12 s
        assertThat(rounds.stream().map(Round::last)).containsExactly(5, 7);
        assertThat(clock.times().get(1).underway()).as("the last one").isEqualTo(1.25);
        assertThat(clock.times()).allMatch(time -> time.lost() == 0 && time.down() == 0 && time.compute() >= 12);
    }
}
