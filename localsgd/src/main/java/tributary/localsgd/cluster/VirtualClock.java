package tributary.localsgd.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tributary.localsgd.StepObserver;
import tributary.model.data.StatelessRandom;

/// The time on each worker of a cluster, moved on by what really happens: a step that a replica begins, messages that are
/// exchanged. A pure function of the cluster and of the order of steps and exchanges on each worker, so that the same run always
/// takes the same virtual time.
///
/// A clock hears of steps on the replicas' threads ([#over]); exchanges happen between them.
public final class VirtualClock {
    private static final double NANOS = 1e9;
    private static final int NONE = 0;

    private final Cluster cluster;
    private final long speedSeed;
    private final long jitterSeed;
    private final long[] now;
    private final long[][] totals;
    private final Timeline timeline;
    /// Where global steps ended, by their number, until someone asks.
    private final TreeMap<Integer, Long> ends = new TreeMap<>();
    /// The step each worker is in, whose time does not count yet.
    private final int[] begun;
    private long exchanges;
    private long communicatedBytes;

    /// All that has to be saved to go on.
    ///
    /// @param now of each worker, nanoseconds
    /// @param totals nanoseconds of each worker and activity
    public record State(long exchanges, long communicatedBytes, List<Long> now, List<List<Long>> totals) {}

    /// Of a cluster in which nothing has happened yet.
    public VirtualClock(Cluster cluster) {
        this.cluster = cluster;
        this.speedSeed = StatelessRandom.seed(cluster.seed(), "speed");
        this.jitterSeed = StatelessRandom.seed(cluster.seed(), "jitter");
        this.now = new long[cluster.workers().size()];
        this.timeline = new Timeline(cluster.workers().stream().map(Worker::name).toList());
        this.begun = new int[now.length];
        this.totals = new long[now.length][Activity.values().length];
    }

    /// Lets the clock hear of every step before another observer does.
    public StepObserver over(StepObserver observer) {
        return new StepObserver() {
            @Override
            public boolean mayStart(int replica, int step) {
                boolean may = observer.mayStart(replica, step);
                if (may) {
                    begin(replica, step);
                }
                return may;
            }

            @Override
            public void finished(int replica, int step, double loss) {
                observer.finished(replica, step, loss);
            }

            @Override
            public void skipped(int replica, int step) {
                skip(replica, step);
                observer.skipped(replica, step);
            }
        };
    }

    /// The time of a step counts from its beginning, because its gradient may be sent before the step is over; but only when
    /// the next thing happens is it sure that it is a step with a gradient.
    private synchronized void begin(int m, int step) {
        compute(m);
        begun[m] = step;
    }

    /// A step without a gradient takes no time.
    private synchronized void skip(int m, int step) {
        begun[m] = NONE;
        ends.merge(step, now[m], Math::max);
    }

    private void compute(int m) {
        if (begun[m] != NONE) {
            spend(m, Activity.COMPUTE, now[m] + nanos(
                    cluster.stepSeconds() / cluster.workers().get(m).speed().at(speedSeed, m, begun[m])));
            ends.merge(begun[m], now[m], Math::max);
            begun[m] = NONE;
        }
    }

    private void computeTo(int step) {
        for (int m = 0; m < now.length; m++) {
            if (begun[m] <= step) {
                compute(m);
            }
        }
    }

    /// All workers exchange messages and go on when they have the result.
    ///
    /// @param messages bytes that each worker has to send
    /// @param dense bytes of the result in float32
    synchronized void exchange(List<Long> messages, long dense) {
        computeTo(Integer.MAX_VALUE);
        int M = now.length;
        if (M == 1) {
            return;
        }
        for (int m = 0; m < M; m++) {
            communicatedBytes += cluster.exchange().sent(messages, m, dense) + cluster.exchange().received(messages, m, dense);
        }
        switch (cluster.exchange()) {
            case SERVER -> {
                for (int m = 0; m < M; m++) {
                    Link line = line(m);
                    spend(m, Activity.SEND, now[m] + delay(m, 0) + nanos(8 * messages.get(m) / line.goodUp()));
                }
                waitForAll();
                for (int m = 0; m < M; m++) {
                    long back = cluster.exchange().received(messages, m, dense);
                    spend(m, Activity.RECEIVE, now[m] + delay(m, 1) + nanos(8 * back / line(m).goodDown()));
                }
            }
            case RING -> {
                waitForAll();
                long latency = 0;
                double seconds = 0;
                for (int m = 0; m < M; m++) {
                    long bytes = cluster.exchange().sent(messages, m, dense);
                    latency = Math.max(latency, delay(m, 0));
                    seconds = Math.max(seconds, 8 * bytes / Math.min(line(m).goodUp(), line(m).goodDown()));
                }
                long end = now[0] + Exchange.turns(messages, dense) * latency + nanos(seconds);
                for (int m = 0; m < M; m++) {
                    spend(m, Activity.SEND, end);
                }
            }
        }
        exchanges++;
        if (!ends.isEmpty()) {
            ends.merge(ends.lastKey(), latest(), Math::max);
        }
    }

    private void waitForAll() {
        long all = latest();
        for (int m = 0; m < now.length; m++) {
            spend(m, Activity.WAIT, all);
        }
    }

    private void spend(int m, Activity activity, long until) {
        if (until > now[m]) {
            timeline.add(new Span(m, activity, now[m], until));
            totals[m][activity.ordinal()] += until - now[m];
            now[m] = until;
        }
    }

    private Link line(int m) {
        return cluster.workers().get(m).line();
    }

    private long delay(int m, int direction) {
        return nanos(line(m).latency() + line(m).jitter() * StatelessRandom.uniform(jitterSeed, m, 2 * exchanges + direction));
    }

    private static long nanos(double seconds) {
        return Math.round(seconds * NANOS);
    }

    private long latest() {
        return Arrays.stream(now).max().orElseThrow();
    }

    /// Bytes sent and received by all workers so far.
    public synchronized long communicatedBytes() {
        return communicatedBytes;
    }

    /// The virtual second in which a global step was over everywhere, with the exchange after it where there was one by now.
    /// What it knows of that step and those before is forgotten.
    public synchronized double endOf(int step) {
        computeTo(step);
        Map.Entry<Integer, Long> end = ends.floorEntry(step);
        double seconds = (end == null ? latest() : end.getValue()) / NANOS;
        ends.headMap(step, true).clear();
        return seconds;
    }

    /// The last second on any worker's clock.
    public synchronized double seconds() {
        computeTo(Integer.MAX_VALUE);
        return latest() / NANOS;
    }

    /// How every worker spent its time.
    public synchronized List<WorkerTime> times() {
        computeTo(Integer.MAX_VALUE);
        List<WorkerTime> times = new ArrayList<>();
        for (int m = 0; m < now.length; m++) {
            long[] own = totals[m];
            times.add(new WorkerTime(
                    cluster.workers().get(m).name(), own[Activity.COMPUTE.ordinal()] / NANOS,
                    (own[Activity.SEND.ordinal()] + own[Activity.RECEIVE.ordinal()]) / NANOS,
                    (own[Activity.WAIT.ordinal()] + latest() - now[m]) / NANOS, latest() / NANOS));
        }
        return times;
    }

    /// Writes what every worker did when.
    ///
    /// @param trace for Perfetto and Chrome, see [Timeline]
    /// @param picture its beginning, as an SVG
    public synchronized void writeTimeline(Path trace, Path picture) throws IOException {
        computeTo(Integer.MAX_VALUE);
        timeline.writeTrace(trace);
        timeline.writePicture(picture);
    }

    /// To go on from at another time, between two steps.
    public synchronized State state() {
        computeTo(Integer.MAX_VALUE);
        return new State(
                exchanges, communicatedBytes, Arrays.stream(now).boxed().toList(),
                Arrays.stream(totals).map(own -> Arrays.stream(own).boxed().toList()).toList());
    }

    /// Goes on from there.
    ///
    /// @param trace as it was written then or later; begins anew where there is none
    /// @throws IllegalArgumentException where it is the state of another cluster
    public synchronized void resume(State state, Path trace) throws IOException {
        if (state.now.size() != now.length) {
            throw new IllegalArgumentException(
                    "resume: the run has " + state.now.size() + " virtual workers, the cluster " + now.length + "; restore its file");
        }
        exchanges = state.exchanges;
        communicatedBytes = state.communicatedBytes;
        for (int m = 0; m < now.length; m++) {
            now[m] = state.now.get(m);
            for (int activity = 0; activity < totals[m].length; activity++) {
                totals[m][activity] = state.totals.get(m).get(activity);
            }
        }
        timeline.readTrace(trace, now);
    }
}
