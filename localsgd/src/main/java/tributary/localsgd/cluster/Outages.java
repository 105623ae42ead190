package tributary.localsgd.cluster;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import tributary.model.data.StatelessRandom;

/// When a worker is down, cut off or slow, in virtual nanoseconds: a pure function of its failures, the seed and its number.
final class Outages {
    private static final double NANOS = 1e9;
    static final long NEVER = Long.MAX_VALUE;

    private final List<Crashes> crashes = new ArrayList<>();
    private final List<Interval> away = new ArrayList<>();
    private final List<Interval> cuts = new ArrayList<>();
    private final List<Slowness> slownesses = new ArrayList<>();

    /// A while.
    ///
    /// @param to [#NEVER] where it does not end
    record Interval(long from, long to) {
        static final Interval NONE = new Interval(NEVER, NEVER);

        boolean holds(long time) {
            return from <= time && time < to;
        }
    }

    private record Slowness(Interval interval, double factor) {}

    /// One worker's random crashes, drawn as far as someone has asked.
    private static final class Crashes {
        private final Failure.RandomCrashes law;
        private final long seed;
        private final int worker;
        private final List<Interval> drawn = new ArrayList<>();

        Crashes(Failure.RandomCrashes law, long seed, int worker) {
            this.law = law;
            this.seed = seed;
            this.worker = worker;
        }

        Interval firstEndingAfter(long time) {
            while (drawn.isEmpty() || drawn.getLast().to <= time) {
                long up = drawn.isEmpty() ? 0 : drawn.getLast().to;
                double uptime = -law.mtbf() * StrictMath.log1p(-StatelessRandom.uniform(seed, worker, drawn.size()));
                long from = up + Math.max(1, nanos(uptime));
                drawn.add(new Interval(from, from + nanos(law.repair())));
            }
            int low = 0;
            int high = drawn.size() - 1;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (drawn.get(middle).to > time) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            return drawn.get(low);
        }
    }

    Outages(List<Failure> failures, long seed, int worker) {
        long crashSeed = StatelessRandom.seed(seed, "crashes");
        List<Failure> presence = new ArrayList<>();
        for (Failure failure : failures) {
            switch (failure) {
                case Failure.Crash crash -> away.add(interval(crash.at(), crash.repair()));
                case Failure.RandomCrashes law -> crashes.add(
                        new Crashes(law, StatelessRandom.bits(crashSeed, crashes.size(), 0), worker));
                case Failure.Slow slow -> slownesses.add(new Slowness(interval(slow.at(), slow.duration()), slow.factor()));
                case Failure.Partition partition -> cuts.add(interval(partition.at(), partition.duration()));
                case Failure.Leave leave -> presence.add(leave);
                case Failure.Join join -> presence.add(join);
            }
        }
        presence.sort(Comparator.comparingDouble(Outages::at));
        long left = 0;
        boolean there = presence.isEmpty() || presence.getFirst() instanceof Failure.Leave;
        for (Failure change : presence) {
            boolean joins = change instanceof Failure.Join;
            if (joins == there) {
                throw new IllegalArgumentException(joins ? "join " + at(change) + ": the worker is there already; let it leave before"
                        : "leave " + at(change) + ": the worker is not there; let it join before");
            }
            there = joins;
            if (joins) {
                away.add(new Interval(left, nanos(at(change))));
            } else {
                left = nanos(at(change));
            }
        }
        if (!there) {
            away.add(new Interval(left, NEVER));
        }
    }

    private static double at(Failure change) {
        return switch (change) {
            case Failure.Leave leave -> leave.at();
            case Failure.Join join -> join.at();
            default -> throw new IllegalStateException("outages: " + change + " is no change of presence");
        };
    }

    private static Interval interval(double at, double duration) {
        return new Interval(nanos(at), nanos(at) + nanos(duration));
    }

    static long nanos(double seconds) {
        return Math.round(seconds * NANOS);
    }

    /// The outage that it is in, or else the next one; outages that touch each other are one.
    Interval down(long time) {
        Interval first = next(time);
        long to = first.to;
        while (to != NEVER) {
            Interval more = next(to);
            if (more.from > to) {
                break;
            }
            to = more.to;
        }
        return new Interval(first.from, to);
    }

    private Interval next(long time) {
        Interval first = Interval.NONE;
        for (Interval interval : away) {
            first = interval.to > time && interval.from < first.from ? interval : first;
        }
        for (Crashes own : crashes) {
            Interval interval = own.firstEndingAfter(time);
            first = interval.from < first.from ? interval : first;
        }
        return first;
    }

    /// The cut of its line that it is in, or else the next one.
    Interval cut(long time) {
        Interval first = Interval.NONE;
        for (Interval interval : cuts) {
            first = interval.to > time && interval.from < first.from ? interval : first;
        }
        return first;
    }

    /// How often it went down before a moment; that it joins late is no failure.
    int failures(long before) {
        int count = 0;
        for (Interval outage = down(0); outage.from < before; outage = down(outage.to)) {
            count += outage.from > 0 ? 1 : 0;
            if (outage.to == NEVER) {
                break;
            }
        }
        return count;
    }

    /// Whether it goes and never comes back.
    boolean leaves() {
        return away.stream().anyMatch(interval -> interval.to == NEVER);
    }

    /// When so much computing is done, where nothing stops it.
    ///
    /// @param work nanoseconds it takes where nothing slows it down
    long end(long from, long work) {
        if (slownesses.isEmpty()) {
            return from + work;
        }
        double left = work;
        long time = from;
        while (true) {
            double factor = 1;
            long change = NEVER;
            for (Slowness slowness : slownesses) {
                Interval interval = slowness.interval;
                factor *= interval.holds(time) ? slowness.factor : 1;
                change = interval.from > time ? Math.min(change, interval.from) : change;
                change = interval.to > time ? Math.min(change, interval.to) : change;
            }
            if (change == NEVER || left / factor <= change - time) {
                return time + Math.round(left / factor);
            }
            left -= (change - time) * factor;
            time = change;
        }
    }
}
