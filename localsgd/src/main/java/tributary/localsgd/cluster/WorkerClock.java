package tributary.localsgd.cluster;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import tributary.localsgd.cluster.Outages.Interval;
import tributary.model.data.StatelessRandom;

/// The time on one worker: what it computes, when it fails, how it waits.
///
/// What it has computed since its last exchange is kept as one amount of work, because a failure makes all of it vain: when it
/// would be done follows from its [Outages].
final class WorkerClock {
    private static final double NANOS = 1e9;
    private static final int NONE = 0;
    /// Failures before the same work is done, after which it counts as never done.
    private static final int HOPELESS = 10_000;

    private final Cluster cluster;
    private final int m;
    private final Worker worker;
    private final OptionalInt savesEvery;
    private final long speedSeed;
    private final Outages outages;
    private final Timeline timeline;
    private final StepEnds ends;
    /// The step it is in, whose time does not count yet.
    private int begun;
    /// Where it stood at its last exchange.
    private long now;
    /// What it has computed since, where nothing slows it down.
    private long work;
    /// Whether it takes no part in the round.
    private boolean out;
    /// When its line is free of what is underway while it computes.
    private long busy;
    private long exchanges;
    /// How long messages were underway while it computed.
    private long underway;
    private final long[] totals = new long[Activity.values().length];

    /// What became of its work.
    ///
    /// @param end when it was done, or failed
    record Stretch(long end, boolean failed, List<Span> spans) {}

    /// @param m its number
    /// @param savesEvery steps after which it writes down its state, besides at every exchange that it waits for
    WorkerClock(Cluster cluster, int m, OptionalInt savesEvery, Timeline timeline, StepEnds ends) {
        this.cluster = cluster;
        this.m = m;
        this.savesEvery = savesEvery;
        this.worker = cluster.workers().get(m);
        this.speedSeed = StatelessRandom.seed(cluster.seed(), "speed");
        this.outages = new Outages(worker.failures(), cluster.seed(), m);
        this.timeline = timeline;
        this.ends = ends;
    }

    /// The time of a step counts from its beginning, because its gradient may be sent before the step is over; but only when
    /// the next thing happens is it sure that it is a step with a gradient.
    void begin(int step) {
        computeTo(Integer.MAX_VALUE);
        begun = step;
    }

    /// A step without a gradient takes no time.
    void skip(int step) {
        begun = NONE;
        if (!out) {
            ends.reached(step, ready().end);
        }
    }

    /// Counts the step it is in, where that is none after the given one.
    void computeTo(int step) {
        if (begun != NONE && begun <= step) {
            work += Outages.nanos(cluster.stepSeconds() / worker.speed().at(speedSeed, m, begun));
            Stretch own = ready();
            if (!own.failed) {
                ends.reached(begun, own.end);
            }
            if (savesEvery.isPresent() && begun % savesEvery.getAsInt() == 0) {
                commit(done());
            }
            begun = NONE;
        }
    }

    /// The work since the last exchange, as far as the first failure where a round drops those that fail.
    Stretch ready() {
        return stretch(cluster.onFailure() instanceof OnFailure.Drop);
    }

    /// The work since the last exchange, begun again after every repair.
    Stretch done() {
        return stretch(false);
    }

    /// @param once whether it ends with the first failure, instead of beginning again after the repair
    private Stretch stretch(boolean once) {
        List<Span> spans = new ArrayList<>();
        long from = now;
        for (int failures = 0; failures < HOPELESS; failures++) {
            Interval down = outages.down(from);
            long end = outages.end(from, work);
            if (work == 0 || end <= down.from()) {
                spans.add(new Span(m, Activity.COMPUTE, from, end));
                return new Stretch(end, false, spans);
            }
            long failed = Math.max(from, down.from());
            spans.add(new Span(m, Activity.LOST, from, failed));
            if (once) {
                return new Stretch(failed, true, spans);
            }
            if (down.to() == Outages.NEVER) {
                throw new IllegalArgumentException("virtual cluster: " + worker.name() + " leaves for good at second "
                        + down.from() / NANOS + " and is waited for; let it join again, or use on-failure drop");
            }
            spans.add(new Span(m, Activity.DOWN, failed, down.to()));
            from = down.to();
        }
        throw new IllegalArgumentException("virtual cluster: " + worker.name() + " has failed " + HOPELESS + " times before "
                + work / NANOS + " s of work were done; let it fail less often, or exchange more often");
    }

    /// Its work since the last exchange came to this.
    void commit(Stretch stretch) {
        stretch.spans.forEach(this::spend);
        work = 0;
    }

    /// Its work since the last exchange was in vain, though it did not fail.
    void commitInVain(Stretch stretch) {
        stretch.spans.forEach(span -> spend(new Span(m, Activity.LOST, span.from(), span.to())));
        work = 0;
    }

    boolean hasWork() {
        return work > 0;
    }

    /// Something is underway for so long, longer where the line is cut or the worker down meanwhile.
    void pass(Activity activity, long nanos) {
        passed(now, nanos, activity, this::spend);
    }

    /// When something is there that leaves then and leaves no trace.
    long passed(long from, long nanos) {
        return passed(from, nanos, Activity.SEND, span -> {});
    }

    /// When something is there that leaves then, on its line, while it goes on.
    long fly(Activity activity, long from, long nanos) {
        return passed(from, nanos, activity, this::flies);
    }

    /// Something is underway on its line while it goes on.
    void flies(Span span) {
        timeline.add(new Span(m, span.activity(), span.from(), span.to(), true));
        underway += span.activity() == Activity.SEND || span.activity() == Activity.RECEIVE ? span.nanos() : 0;
    }

    private long passed(long from, long nanos, Activity activity, Consumer<Span> spans) {
        long left = nanos;
        long time = from;
        while (true) {
            Interval stop = stop(time);
            boolean stands = stop.holds(time);
            long until = stands ? stop.to() : Math.min(time + left, stop.from());
            spans.accept(new Span(m, !stands ? activity : outages.cut(time).equals(stop) ? Activity.CUT : Activity.DOWN, time, until));
            left -= stands ? 0 : until - time;
            time = until;
            if (!stands && left == 0) {
                return time;
            }
        }
    }

    /// What keeps messages from passing, now or next. Who leaves for good, or would be dropped, does so after what is underway.
    Interval stop(long time) {
        Interval cut = outages.cut(time);
        Interval down = outages.down(time);
        boolean delays = down.to() != Outages.NEVER && cluster.onFailure() instanceof OnFailure.Wait;
        return delays && down.from() < cut.from() ? down : cut;
    }

    /// Whether its line is cut then.
    boolean cutOff(long time) {
        return outages.cut(time).holds(time);
    }

    /// When it is not down, from a moment on.
    long up(long time) {
        Interval down = outages.down(time);
        return down.holds(time) ? down.to() : time;
    }

    /// When it is neither down nor cut off, from a moment on.
    long connected(long time) {
        long up = up(time);
        while (up != Outages.NEVER && cutOff(up)) {
            up = up(outages.cut(up).to());
        }
        return up;
    }

    /// Whether it goes and never comes back.
    boolean leaves() {
        return outages.leaves();
    }

    /// It has nothing to do until then.
    void idle(long until) {
        for (Span span : idling(now, until)) {
            spend(span);
        }
    }

    private List<Span> idling(long from, long until) {
        List<Span> spans = new ArrayList<>();
        long time = from;
        while (time < until) {
            Interval down = outages.down(time);
            boolean there = !down.holds(time);
            long to = Math.min(until, there ? down.from() : down.to());
            spans.add(new Span(m, there ? Activity.WAIT : Activity.DOWN, time, to));
            time = to;
        }
        return spans;
    }

    /// What it does from its last exchange on, in the order of time.
    void spend(Span span) {
        if (span.nanos() > 0) {
            timeline.add(span);
            totals[span.activity().ordinal()] += span.nanos();
        }
        now = span.to();
    }

    int number() {
        return m;
    }

    /// Where it stood at its last exchange.
    long now() {
        return now;
    }

    /// When it is done with all that it has begun.
    long latest() {
        return out ? now : ready().end;
    }

    boolean out() {
        return out;
    }

    void out(boolean out) {
        this.out = out;
    }

    /// When its line is free of what is underway while it computes.
    long busy() {
        return busy;
    }

    void busy(long until) {
        busy = until;
    }

    /// That it took part in: what is drawn for it does not depend on which workers meet first.
    long exchanges() {
        return exchanges;
    }

    void exchanged() {
        exchanges++;
    }

    /// What is not on the timeline yet.
    List<Span> sinceLastExchange(long until) {
        List<Span> spans = new ArrayList<>();
        long time = now;
        if (!out) {
            Stretch own = ready();
            spans.addAll(own.spans);
            time = own.end;
        }
        spans.addAll(idling(time, until));
        return spans;
    }

    /// How it spent its time.
    WorkerTime time(long all) {
        long[] own = totals.clone();
        for (Span span : sinceLastExchange(all)) {
            own[span.activity().ordinal()] += span.nanos();
        }
        return new WorkerTime(
                worker.name(), own[Activity.COMPUTE.ordinal()] / NANOS,
                (own[Activity.SEND.ordinal()] + own[Activity.RECEIVE.ordinal()]) / NANOS,
                (own[Activity.WAIT.ordinal()] + own[Activity.CUT.ordinal()]) / NANOS, own[Activity.LOST.ordinal()] / NANOS,
                own[Activity.DOWN.ordinal()] / NANOS, outages.failures(all), all / NANOS, underway / NANOS);
    }

    WorkerState state() {
        return new WorkerState(now, work, out, busy, underway, exchanges, Arrays.stream(totals).boxed().toList());
    }

    void resume(WorkerState state) {
        now = state.now();
        work = state.work();
        out = state.out();
        busy = state.busy();
        underway = state.underway();
        exchanges = state.exchanges();
        Arrays.setAll(totals, activity -> state.totals().get(activity));
    }
}
