package tributary.localsgd.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import tributary.localsgd.Post;
import tributary.localsgd.StepObserver;

/// The time on each worker of a cluster, moved on by what really happens: a step that a replica begins, messages that are
/// exchanged. A pure function of the cluster and of the order of steps and exchanges on each worker, so that the same run always
/// takes the same virtual time.
///
/// A clock hears of steps on the replicas' threads ([#over]); exchanges happen between them.
public final class VirtualClock {
    private static final double NANOS = 1e9;

    private final List<WorkerClock> workers = new ArrayList<>();
    private final StepEnds ends = new StepEnds();
    private final Timeline timeline;
    private final Meetings meetings;
    private final Flights flights;
    /// Where failing workers are dropped.
    private final Optional<Attendance> attendance;
    private int round;

    /// All that has to be saved to go on.
    ///
    /// @param round the last one that has begun
    /// @param flights when each worker has what is underway, by name, nanoseconds
    public record State(long communicatedBytes, int round, Map<Integer, List<Long>> flights, List<WorkerState> workers) {}

    /// Of a cluster in which nothing has happened yet, whose workers write down their state at every exchange.
    public VirtualClock(Cluster cluster) {
        this(cluster, OptionalInt.empty());
    }

    /// Of a cluster in which nothing has happened yet.
    ///
    /// @param savesEvery steps after which a worker writes down its state, where it does not wait for exchanges
    public VirtualClock(Cluster cluster, OptionalInt savesEvery) {
        this.timeline = new Timeline(cluster.workers().stream().map(Worker::name).toList());
        for (int m = 0; m < cluster.workers().size(); m++) {
            workers.add(new WorkerClock(cluster, m, savesEvery, timeline, ends));
        }
        Lines lines = new Lines(cluster, workers);
        this.meetings = new Meetings(cluster.exchange(), workers, lines, ends);
        this.flights = new Flights(cluster.exchange(), workers, lines, meetings);
        this.attendance = cluster.onFailure() instanceof OnFailure.Drop(int quorum)
                ? Optional.of(new Attendance(workers, meetings, quorum))
                : Optional.empty();
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

    private synchronized void begin(int m, int step) {
        workers.get(m).begin(step);
    }

    private synchronized void skip(int m, int step) {
        workers.get(m).skip(step);
    }

    private void computeTo(int step) {
        workers.forEach(worker -> worker.computeTo(step));
    }

    private void computeAll() {
        computeTo(Integer.MAX_VALUE);
    }

    /// When a worker is done with a step that it begins now, on a clock that only simulates.
    synchronized long simulateStep(int m, int step) {
        WorkerClock worker = workers.get(m);
        worker.begin(step);
        worker.computeTo(step);
        return worker.done().end();
    }

    /// A round begins. Where failing workers are dropped, those that are back by now take the global parameters, and those that are
    /// down take no part; with fewer than the quorum, everyone waits until enough are back.
    ///
    /// @param index of the round, 1 for the first
    /// @param dense bytes of the global parameters in float32
    /// @return for each worker whether it takes no part
    synchronized boolean[] beginRound(int index, long dense) {
        if (index > round && attendance.isPresent()) {
            computeAll();
            attendance.get().beginRound(latest(), dense);
        }
        round = Math.max(round, index);
        return absent();
    }

    /// For each worker whether it takes no part in the round.
    synchronized boolean[] absent() {
        boolean[] absent = new boolean[workers.size()];
        workers.forEach(worker -> absent[worker.number()] = worker.out());
        return absent;
    }

    /// Drops from the round who has failed in it, but for those that a quorum needs: these do their work again.
    ///
    /// @return for each worker what has become of it since it was last asked
    synchronized Fate[] dropFailed() {
        if (attendance.isPresent()) {
            computeAll();
            return attendance.get().dropFailed();
        }
        Fate[] fates = new Fate[workers.size()];
        Arrays.fill(fates, Fate.GOOD);
        return fates;
    }

    /// Workers exchange messages and go on when they have the result.
    ///
    /// @param workers who takes part
    /// @param messages bytes that each of them has to send
    /// @param dense bytes of the result in float32
    synchronized void exchange(List<Integer> workers, List<Long> messages, long dense) {
        meetings.exchange(workers, messages, dense);
    }

    /// As [#exchange], while the workers go on: messages leave when the line is free of earlier ones.
    ///
    /// @param flight names what is underway until [#arrive]
    synchronized void depart(List<Integer> workers, List<Long> messages, long dense, int flight) {
        flights.depart(workers, messages, dense, flight);
    }

    /// Those whose messages have departed wait for the result.
    synchronized void arrive(int flight) {
        flights.arrive(flight);
    }

    /// A server asks workers for a message each, and sends all of them the parameters when it has the last; they go on meanwhile. A
    /// message leaves when the server's note is there and the line is free of earlier ones.
    ///
    /// ```
    /// leave_m = asked + latency_m;   arrival_m, end_m as in [Exchange#SERVER]
    /// ```
    ///
    /// @param workers those that are asked
    /// @param messages bytes that each of them has to send
    /// @param dense bytes of the parameters in float32
    /// @param asked when, nanoseconds
    /// @param flight names what is underway until [#arrive], the last of each worker
    synchronized Post.Answer collect(List<Integer> workers, List<Long> messages, long dense, long asked, int flight) {
        return flights.collect(workers, messages, dense, asked, flight);
    }

    /// When a note without size that leaves a worker then is at a server, nanoseconds.
    synchronized long note(int m, long time) {
        return flights.note(m, time);
    }

    /// A worker meets a server that waits for nobody: its message goes there, the parameters come back.
    ///
    /// @return when the message was there, nanoseconds
    synchronized long meetServer(int m, long bytes, long dense) {
        return meetings.meetServer(m, bytes, dense);
    }

    /// Two workers wait for each other and send each other a message, as [Exchange#gossipSeconds] says.
    synchronized void gossip(int a, long bytesOfA, int b, long bytesOfB) {
        meetings.gossip(a, bytesOfA, b, bytesOfB);
    }

    /// A worker sends a message to others, to all at once.
    ///
    /// ```
    /// time to b of R = latency + latency_b + 8 n / min(up / R, down_b)
    /// ```
    synchronized void broadcast(int sender, long bytes, List<Integer> receivers) {
        meetings.broadcast(sender, bytes, receivers);
    }

    /// Bytes sent and received by all workers so far.
    public synchronized long communicatedBytes() {
        return meetings.communicatedBytes();
    }

    /// The virtual second in which a global step was over everywhere, with the exchange after it where there was one by now.
    /// What it knows of that step and those before is forgotten.
    public synchronized double endOf(int step) {
        computeTo(step);
        return ends.take(step).orElseGet(this::latest) / NANOS;
    }

    /// The last second on any worker's clock.
    public synchronized double seconds() {
        computeAll();
        return latest() / NANOS;
    }

    private long latest() {
        return workers.stream().mapToLong(WorkerClock::latest).max().orElseThrow();
    }

    /// How every worker spent its time.
    public synchronized List<WorkerTime> times() {
        computeAll();
        long all = latest();
        return workers.stream().map(worker -> worker.time(all)).toList();
    }

    /// Writes what every worker did when.
    ///
    /// @param trace for Perfetto and Chrome, see [Timeline]
    /// @param picture its beginning, as an SVG
    public synchronized void writeTimeline(Path trace, Path picture) throws IOException {
        computeAll();
        long all = latest();
        Timeline whole = timeline.with(workers.stream().flatMap(worker -> worker.sinceLastExchange(all).stream()).toList());
        whole.writeTrace(trace);
        whole.writePicture(picture);
    }

    /// To go on from at another time, between two steps.
    public synchronized State state() {
        computeAll();
        return new State(meetings.communicatedBytes(), round, flights.state(), workers.stream().map(WorkerClock::state).toList());
    }

    /// Goes on from there.
    ///
    /// @param trace as it was written then or later; begins anew where there is none
    /// @throws IllegalArgumentException where it is the state of another cluster
    public synchronized void resume(State state, Path trace) throws IOException {
        if (state.workers.size() != workers.size()) {
            throw new IllegalArgumentException("resume: the run has " + state.workers.size() + " virtual workers, the cluster "
                    + workers.size() + "; restore its file");
        }
        meetings.communicatedBytes(state.communicatedBytes);
        round = state.round;
        flights.resume(state.flights);
        workers.forEach(worker -> worker.resume(state.workers.get(worker.number())));
        timeline.readTrace(
                trace, workers.stream().mapToLong(WorkerClock::now).toArray(), workers.stream().mapToLong(WorkerClock::busy).toArray());
    }
}
