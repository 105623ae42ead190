package tributary.localsgd.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tributary.localsgd.StepObserver;
import tributary.localsgd.cluster.Outages.Interval;
import tributary.model.data.StatelessRandom;

/// The time on each worker of a cluster, moved on by what really happens: a step that a replica begins, messages that are
/// exchanged. A pure function of the cluster and of the order of steps and exchanges on each worker, so that the same run always
/// takes the same virtual time.
///
/// What a worker has computed since its last exchange is kept as one amount of work, because a failure makes all of it vain: when
/// it would be done follows from its [Outages].
///
/// A clock hears of steps on the replicas' threads ([#over]); exchanges happen between them.
public final class VirtualClock {
    private static final double NANOS = 1e9;
    private static final int NONE = 0;
    /// Failures before the same work is done, after which it counts as never done.
    private static final int HOPELESS = 10_000;

    private final Cluster cluster;
    private final long speedSeed;
    private final long jitterSeed;
    private final Outages[] outages;
    /// Where each worker stood at its last exchange.
    private final long[] now;
    /// What it has computed since, where nothing slows it down.
    private final long[] work;
    /// Who takes no part in the round.
    private final boolean[] out;
    /// When each worker's line is free of what is underway while it computes.
    private final long[] busy;
    /// When each worker has what is underway, by name; 0 where it takes no part in that.
    private final Map<Integer, long[]> flights = new TreeMap<>();
    private final long[][] totals;
    private final Timeline timeline;
    /// Where global steps ended, by their number, until someone asks.
    private final TreeMap<Integer, Long> ends = new TreeMap<>();
    /// The step each worker is in, whose time does not count yet.
    private final int[] begun;
    private int round;
    /// When the last failure of the round was noticed.
    private long noticed;
    /// Of each worker, so that what is drawn for them does not depend on who meets first.
    private final long[] exchanges;
    private long communicatedBytes;

    /// All that has to be saved to go on.
    ///
    /// @param round the last one that has begun
    /// @param flights when each worker has what is underway, by name, nanoseconds
    public record State(long communicatedBytes, int round, Map<Integer, List<Long>> flights, List<WorkerState> workers) {}

    /// Where a worker stands.
    ///
    /// @param now at its last exchange, nanoseconds
    /// @param work since, nanoseconds
    /// @param out whether it takes no part in the round
    /// @param busy until when its line is, nanoseconds
    /// @param exchanges that it took part in
    /// @param totals nanoseconds of each activity
    public record WorkerState(long now, long work, boolean out, long busy, long exchanges, List<Long> totals) {}

    /// Of a cluster in which nothing has happened yet.
    public VirtualClock(Cluster cluster) {
        this.cluster = cluster;
        this.speedSeed = StatelessRandom.seed(cluster.seed(), "speed");
        this.jitterSeed = StatelessRandom.seed(cluster.seed(), "jitter");
        int M = cluster.workers().size();
        this.outages = new Outages[M];
        Arrays.setAll(outages, m -> new Outages(cluster.workers().get(m).failures(), cluster.seed(), m));
        this.now = new long[M];
        this.work = new long[M];
        this.out = new boolean[M];
        this.busy = new long[M];
        this.exchanges = new long[M];
        this.timeline = new Timeline(cluster.workers().stream().map(Worker::name).toList());
        this.begun = new int[M];
        this.totals = new long[M][Activity.values().length];
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
        if (!out[m]) {
            ends.merge(step, ready(m).end, Math::max);
        }
    }

    private void compute(int m) {
        if (begun[m] != NONE) {
            work[m] += nanos(cluster.stepSeconds() / cluster.workers().get(m).speed().at(speedSeed, m, begun[m]));
            Stretch own = ready(m);
            if (!own.failed) {
                ends.merge(begun[m], own.end, Math::max);
            }
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

    /// What became of a worker's work.
    ///
    /// @param end when it was done, or failed
    private record Stretch(long end, boolean failed, List<Span> spans) {}

    /// The work since the last exchange, as far as the first failure where a round drops those that fail.
    private Stretch ready(int m) {
        return stretch(m, cluster.onFailure() instanceof OnFailure.Drop);
    }

    /// The work since the last exchange.
    ///
    /// @param once whether it ends with the first failure, instead of beginning again after the repair
    private Stretch stretch(int m, boolean once) {
        List<Span> spans = new ArrayList<>();
        long from = now[m];
        for (int failures = 0; failures < HOPELESS; failures++) {
            Interval down = outages[m].down(from);
            long end = outages[m].end(from, work[m]);
            if (work[m] == 0 || end <= down.from()) {
                spans.add(new Span(m, Activity.COMPUTE, from, end));
                return new Stretch(end, false, spans);
            }
            long failed = Math.max(from, down.from());
            spans.add(new Span(m, Activity.LOST, from, failed));
            if (once) {
                return new Stretch(failed, true, spans);
            }
            if (down.to() == Outages.NEVER) {
                throw new IllegalArgumentException("virtual cluster: " + name(m) + " leaves for good at second " + down.from() / NANOS
                        + " and is waited for; let it join again, or use on-failure drop");
            }
            spans.add(new Span(m, Activity.DOWN, failed, down.to()));
            from = down.to();
        }
        throw new IllegalArgumentException("virtual cluster: " + name(m) + " has failed " + HOPELESS + " times before " + work[m] / NANOS
                + " s of work were done; let it fail less often, or exchange more often");
    }

    private void commit(int m, Stretch stretch) {
        stretch.spans.forEach(this::spend);
        work[m] = 0;
    }

    /// A round begins. Where failing workers are dropped, those that are back by now take the global parameters, and those that are
    /// down take no part; with fewer than the quorum, everyone waits until enough are back.
    ///
    /// @param index of the round, 1 for the first
    /// @param dense bytes of the global parameters in float32
    /// @return for each worker whether it takes no part
    synchronized boolean[] beginRound(int index, long dense) {
        if (index > round && cluster.onFailure() instanceof OnFailure.Drop(int quorum)) {
            computeTo(Integer.MAX_VALUE);
            long begins = latest();
            noticed = 0;
            long[] back = new long[now.length];
            Arrays.setAll(back, m -> out[m] ? connected(m, begins) : up(m, now[m]));
            List<Integer> order = IntStream.range(0, back.length).boxed().sorted(Comparator.comparingLong(m -> back[m])).toList();
            long waited = begins;
            for (int place = 0; place < order.size(); place++) {
                int m = order.get(place);
                boolean there = back[m] <= (out[m] ? begins : now[m]);
                if (there || place < quorum) {
                    idle(m, back[m]);
                    if (out[m]) {
                        pass(m, Activity.RECEIVE, down(m, line(m, List.of(m)), dense));
                        communicatedBytes += dense;
                        out[m] = false;
                    }
                    waited = there ? waited : Math.max(waited, now[m]);
                } else {
                    out[m] = true;
                }
            }
            if (waited > begins) {
                for (int m = 0; m < now.length; m++) {
                    idle(m, out[m] ? now[m] : waited);
                }
            }
        }
        round = Math.max(round, index);
        return absent();
    }

    /// For each worker whether it takes no part in the round.
    synchronized boolean[] absent() {
        return out.clone();
    }

    /// When it is not down.
    private long up(int m, long time) {
        Interval down = outages[m].down(time);
        return down.holds(time) ? down.to() : time;
    }

    /// When it is neither down nor cut off.
    private long connected(int m, long time) {
        long up = up(m, time);
        while (up != Outages.NEVER && outages[m].cut(up).holds(up)) {
            up = up(m, outages[m].cut(up).to());
        }
        return up;
    }

    /// What a worker's failure costs it.
    enum Fate {
        /// Nothing.
        GOOD,
        /// Its part in the round: its message does not get through.
        CUT_OFF,
        /// Its part in the round, and what it has gathered.
        FAILED
    }

    /// Drops from the round who has failed in it, but for those that a quorum needs: these do their work again.
    ///
    /// @return for each worker what has become of it since it was last asked
    synchronized Fate[] dropFailed() {
        Fate[] fates = new Fate[now.length];
        Arrays.fill(fates, Fate.GOOD);
        if (cluster.onFailure() instanceof OnFailure.Drop(int quorum)) {
            computeTo(Integer.MAX_VALUE);
            int left = 0;
            List<Integer> failed = new ArrayList<>();
            for (int m = 0; m < now.length; m++) {
                if (!out[m] && work[m] > 0) {
                    Stretch own = ready(m);
                    fates[m] = own.failed ? Fate.FAILED : outages[m].cut(own.end).holds(own.end) ? Fate.CUT_OFF : Fate.GOOD;
                }
                if (fates[m] != Fate.GOOD) {
                    failed.add(m);
                } else {
                    left += out[m] ? 0 : 1;
                }
            }
            long[] again = new long[now.length];
            failed.forEach(m -> again[m] = outages[m].leaves() ? Outages.NEVER : connected(m, stretch(m, false).end));
            failed.sort(Comparator.comparingLong(m -> again[m]));
            for (int place = 0; place < failed.size(); place++) {
                int m = failed.get(place);
                if (left + place < quorum) {
                    commit(m, stretch(m, false));
                    fates[m] = Fate.GOOD;
                } else {
                    Stretch own = ready(m);
                    commit(m, fates[m] == Fate.FAILED ? own : lost(m, own));
                    noticed = Math.max(noticed, now[m]);
                    out[m] = true;
                }
            }
        }
        return fates;
    }

    private static Stretch lost(int m, Stretch own) {
        return new Stretch(own.end, true, own.spans.stream().map(span -> new Span(m, Activity.LOST, span.from(), span.to())).toList());
    }

    /// Workers exchange messages and go on when they have the result.
    ///
    /// @param workers who takes part
    /// @param messages bytes that each of them has to send
    /// @param dense bytes of the result in float32
    synchronized void exchange(List<Integer> workers, List<Long> messages, long dense) {
        meet(workers);
        if (workers.size() == 1) {
            return;
        }
        count(workers, messages, dense);
        switch (cluster.exchange()) {
            case SERVER -> {
                for (int i = 0; i < workers.size(); i++) {
                    pass(workers.get(i), Activity.SEND, up(workers, i, messages));
                }
                waitForAll(workers);
                for (int i = 0; i < workers.size(); i++) {
                    pass(workers.get(i), Activity.RECEIVE, down(workers, i, messages, dense));
                }
            }
            case RING -> {
                waitForAll(workers);
                long from = now[workers.getFirst()];
                passAround(workers, from, around(workers, messages, dense), this::spend);
            }
        }
        endsHere(workers);
    }

    /// As [#exchange], while the workers go on: messages leave when the line is free of earlier ones.
    ///
    /// @param flight names what is underway until [#arrive]
    synchronized void depart(List<Integer> workers, List<Long> messages, long dense, int flight) {
        computeTo(Integer.MAX_VALUE);
        workers.forEach(m -> commit(m, stretch(m, false)));
        long[] there = flights.computeIfAbsent(flight, name -> new long[now.length]);
        if (workers.size() == 1) {
            return;
        }
        count(workers, messages, dense);
        long[] at = new long[workers.size()];
        for (int i = 0; i < at.length; i++) {
            at[i] = Math.max(now[workers.get(i)], busy[workers.get(i)]);
        }
        switch (cluster.exchange()) {
            case SERVER -> {
                for (int i = 0; i < at.length; i++) {
                    at[i] = passed(workers.get(i), at[i], up(workers, i, messages));
                }
                long merge = Math.max(noticed, Arrays.stream(at).max().orElseThrow());
                for (int i = 0; i < at.length; i++) {
                    at[i] = passed(workers.get(i), merge, down(workers, i, messages, dense));
                }
            }
            case RING -> Arrays.fill(at, passAround(workers, Math.max(noticed, Arrays.stream(at).max().orElseThrow()),
                    around(workers, messages, dense), span -> {}));
        }
        for (int i = 0; i < at.length; i++) {
            busy[workers.get(i)] = at[i];
            there[workers.get(i)] = Math.max(there[workers.get(i)], at[i]);
            exchanges[workers.get(i)]++;
        }
    }

    /// Those whose messages have departed wait for the result.
    synchronized void arrive(int flight) {
        computeTo(Integer.MAX_VALUE);
        long[] there = flights.remove(flight);
        if (there != null) {
            List<Integer> workers = IntStream.range(0, now.length).filter(m -> !out[m] && there[m] > 0).boxed().toList();
            workers.forEach(m -> commit(m, stretch(m, false)));
            workers.forEach(m -> idle(m, there[m]));
            endsHere(workers);
        }
    }

    /// A worker meets a server that waits for nobody: its message goes there, the parameters come back.
    ///
    /// @return when the message was there, nanoseconds
    synchronized long meetServer(int m, long bytes, long dense) {
        List<Integer> alone = List.of(m);
        meet(alone);
        if (now.length == 1) {
            return now[m];
        }
        communicatedBytes += bytes + dense;
        pass(m, Activity.SEND, up(alone, 0, List.of(bytes)));
        long there = now[m];
        pass(m, Activity.RECEIVE, down(m, line(m, alone), dense));
        endsHere(alone);
        return there;
    }

    /// When a worker is done with a step that it begins now, on a clock that only simulates.
    synchronized long simulateStep(int m, int step) {
        begin(m, step);
        compute(m);
        return stretch(m, false).end;
    }

    /// Two workers wait for each other and send each other a message, as [Exchange#gossipSeconds] says.
    synchronized void gossip(int a, long bytesOfA, int b, long bytesOfB) {
        List<Integer> both = List.of(a, b);
        meet(both);
        waitForAll(both);
        communicatedBytes += 2 * (bytesOfA + bytesOfB);
        Link lineOfA = line(a, both);
        Link lineOfB = line(b, both);
        passAround(both, now[a], nanos(Exchange.gossipSeconds(bytesOfA, lineOfA, bytesOfB, lineOfB)) + jitter(a, lineOfA, 0)
                + jitter(b, lineOfB, 0), this::spend);
        endsHere(both);
    }

    /// A worker sends a message to others, to all at once.
    ///
    /// ```
    /// time to b of R = latency + latency_b + 8 n / min(up / R, down_b)
    /// ```
    synchronized void broadcast(int sender, long bytes, List<Integer> receivers) {
        if (receivers.isEmpty()) {
            return;
        }
        List<Integer> all = Stream.concat(Stream.of(sender), receivers.stream()).toList();
        meet(all);
        communicatedBytes += 2 * bytes * receivers.size();
        long leaves = now[sender];
        long latency = delay(sender, line(sender, all), 0);
        double up = line(sender, all).goodUp() / receivers.size();
        for (int m : receivers) {
            idle(m, leaves);
            pass(m, Activity.RECEIVE, latency + delay(m, line(m, all), 1) + nanos(8 * bytes / Math.min(up, line(m, all).goodDown())));
        }
        pass(sender, Activity.SEND, latency + nanos(8 * bytes / up));
        endsHere(all);
    }

    /// Their work is done, and their lines are free.
    private void meet(List<Integer> workers) {
        computeTo(Integer.MAX_VALUE);
        workers.forEach(m -> commit(m, stretch(m, false)));
        if (workers.size() > 1) {
            workers.forEach(m -> idle(m, busy[m]));
        }
    }

    private void count(List<Integer> workers, List<Long> messages, long dense) {
        for (int i = 0; i < workers.size(); i++) {
            communicatedBytes += cluster.exchange().sent(messages, i, dense) + cluster.exchange().received(messages, i, dense);
        }
    }

    private long up(List<Integer> workers, int i, List<Long> messages) {
        int m = workers.get(i);
        return delay(m, line(m, workers), 0) + nanos(8 * messages.get(i) / line(m, workers).goodUp());
    }

    private long down(List<Integer> workers, int i, List<Long> messages, long dense) {
        return down(workers.get(i), line(workers.get(i), workers), cluster.exchange().received(messages, i, dense));
    }

    private long down(int m, Link line, long bytes) {
        return delay(m, line, 1) + nanos(8 * bytes / line.goodDown());
    }

    private long around(List<Integer> workers, List<Long> messages, long dense) {
        long latency = 0;
        double seconds = 0;
        for (int i = 0; i < workers.size(); i++) {
            int m = workers.get(i);
            Link line = line(m, workers);
            latency = Math.max(latency, delay(m, line, 0));
            seconds = Math.max(seconds, 8 * cluster.exchange().sent(messages, i, dense) / Math.min(line.goodUp(), line.goodDown()));
        }
        return Exchange.turns(messages, dense) * latency + nanos(seconds);
    }

    private void waitForAll(List<Integer> workers) {
        long all = Math.max(noticed, workers.stream().mapToLong(m -> now[m]).max().orElseThrow());
        workers.forEach(m -> idle(m, all));
    }

    /// The last step that anyone has done ends with this exchange.
    private void endsHere(List<Integer> workers) {
        workers.forEach(m -> exchanges[m]++);
        if (!ends.isEmpty()) {
            ends.merge(ends.lastKey(), workers.stream().mapToLong(m -> now[m]).max().orElse(0), Math::max);
        }
    }

    /// Something is underway for so long, longer where the line is cut or the worker down meanwhile.
    private void pass(int m, Activity activity, long nanos) {
        passed(m, now[m], nanos, activity, this::spend);
    }

    /// When something is there that leaves then, in the background.
    private long passed(int m, long from, long nanos) {
        return passed(m, from, nanos, Activity.SEND, span -> {});
    }

    private long passed(int m, long from, long nanos, Activity activity, Consumer<Span> spans) {
        long left = nanos;
        long time = from;
        while (true) {
            Interval stop = stop(m, time);
            boolean stands = stop.holds(time);
            long until = stands ? stop.to() : Math.min(time + left, stop.from());
            spans.accept(new Span(m, !stands ? activity : outages[m].cut(time).equals(stop) ? Activity.CUT : Activity.DOWN, time, until));
            left -= stands ? 0 : until - time;
            time = until;
            if (!stands && left == 0) {
                return time;
            }
        }
    }

    /// As [#passed], between workers whose exchange stands still while any of their lines does.
    private long passAround(List<Integer> workers, long from, long nanos, Consumer<Span> spans) {
        long left = nanos;
        long time = from;
        while (true) {
            Interval stop = Interval.NONE;
            for (int m : workers) {
                Interval own = stop(m, time);
                stop = own.from() < stop.from() ? own : stop;
            }
            boolean stands = stop.holds(time);
            long until = stands ? stop.to() : Math.min(time + left, stop.from());
            for (int m : workers) {
                spans.accept(new Span(m, stands ? Activity.CUT : Activity.SEND, time, until));
            }
            left -= stands ? 0 : until - time;
            time = until;
            if (!stands && left == 0) {
                return time;
            }
        }
    }

    /// What keeps messages from passing, now or next. Who leaves for good, or would be dropped, does so after what is underway.
    private Interval stop(int m, long time) {
        Interval cut = outages[m].cut(time);
        Interval down = outages[m].down(time);
        boolean delays = down.to() != Outages.NEVER && cluster.onFailure() instanceof OnFailure.Wait;
        return delays && down.from() < cut.from() ? down : cut;
    }

    /// It has nothing to do until then.
    private void idle(int m, long until) {
        while (now[m] < until) {
            Interval down = outages[m].down(now[m]);
            boolean there = !down.holds(now[m]);
            spend(m, there ? Activity.WAIT : Activity.DOWN, Math.min(until, there ? down.from() : down.to()));
        }
    }

    private void spend(int m, Activity activity, long until) {
        spend(new Span(m, activity, now[m], until));
    }

    private void spend(Span span) {
        if (span.to() > span.from()) {
            timeline.add(span);
            totals[span.worker()][span.activity().ordinal()] += span.to() - span.from();
        }
        now[span.worker()] = span.to();
    }

    private Link line(int m, List<Integer> together) {
        return cluster.line(m, together);
    }

    private String name(int m) {
        return cluster.workers().get(m).name();
    }

    private long delay(int m, Link link, int direction) {
        return nanos(link.latency()) + jitter(m, link, direction);
    }

    private long jitter(int m, Link link, int direction) {
        return nanos(link.jitter() * StatelessRandom.uniform(jitterSeed, m, 2 * exchanges[m] + direction));
    }

    private static long nanos(double seconds) {
        return Outages.nanos(seconds);
    }

    private long latest() {
        return IntStream.range(0, now.length).mapToLong(m -> out[m] ? now[m] : ready(m).end).max().orElseThrow();
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
        long all = latest();
        List<WorkerTime> times = new ArrayList<>();
        for (int m = 0; m < now.length; m++) {
            long[] own = totals[m].clone();
            for (Span span : sinceLastExchange(m, all)) {
                own[span.activity().ordinal()] += span.to() - span.from();
            }
            times.add(new WorkerTime(
                    name(m), own[Activity.COMPUTE.ordinal()] / NANOS,
                    (own[Activity.SEND.ordinal()] + own[Activity.RECEIVE.ordinal()]) / NANOS,
                    (own[Activity.WAIT.ordinal()] + own[Activity.CUT.ordinal()]) / NANOS, own[Activity.LOST.ordinal()] / NANOS,
                    own[Activity.DOWN.ordinal()] / NANOS, outages[m].failures(all), all / NANOS));
        }
        return times;
    }

    /// What is not on the timeline yet.
    private List<Span> sinceLastExchange(int m, long until) {
        List<Span> spans = new ArrayList<>();
        long time = now[m];
        if (!out[m]) {
            Stretch own = ready(m);
            spans.addAll(own.spans);
            time = own.end;
        }
        while (time < until) {
            Interval down = outages[m].down(time);
            boolean there = !down.holds(time);
            long to = Math.min(until, there ? down.from() : down.to());
            spans.add(new Span(m, there ? Activity.WAIT : Activity.DOWN, time, to));
            time = to;
        }
        return spans;
    }

    /// Writes what every worker did when.
    ///
    /// @param trace for Perfetto and Chrome, see [Timeline]
    /// @param picture its beginning, as an SVG
    public synchronized void writeTimeline(Path trace, Path picture) throws IOException {
        computeTo(Integer.MAX_VALUE);
        long all = latest();
        Timeline whole = timeline.with(
                IntStream.range(0, now.length).boxed().flatMap(m -> sinceLastExchange(m, all).stream()).toList());
        whole.writeTrace(trace);
        whole.writePicture(picture);
    }

    /// To go on from at another time, between two steps.
    public synchronized State state() {
        computeTo(Integer.MAX_VALUE);
        Map<Integer, List<Long>> underway = new TreeMap<>();
        flights.forEach((name, there) -> underway.put(name, Arrays.stream(there).boxed().toList()));
        return new State(communicatedBytes, round, underway, IntStream.range(0, now.length)
                .mapToObj(m -> new WorkerState(now[m], work[m], out[m], busy[m], exchanges[m], Arrays.stream(totals[m]).boxed().toList()))
                .toList());
    }

    /// Goes on from there.
    ///
    /// @param trace as it was written then or later; begins anew where there is none
    /// @throws IllegalArgumentException where it is the state of another cluster
    public synchronized void resume(State state, Path trace) throws IOException {
        if (state.workers.size() != now.length) {
            throw new IllegalArgumentException("resume: the run has " + state.workers.size() + " virtual workers, the cluster "
                    + now.length + "; restore its file");
        }
        communicatedBytes = state.communicatedBytes;
        round = state.round;
        state.flights.forEach((name, there) -> flights.put(name, there.stream().mapToLong(Long::longValue).toArray()));
        for (int m = 0; m < now.length; m++) {
            WorkerState own = state.workers.get(m);
            now[m] = own.now;
            work[m] = own.work;
            out[m] = own.out;
            busy[m] = own.busy;
            exchanges[m] = own.exchanges;
            for (int activity = 0; activity < totals[m].length; activity++) {
                totals[m][activity] = own.totals.get(activity);
            }
        }
        timeline.readTrace(trace, now);
    }
}
