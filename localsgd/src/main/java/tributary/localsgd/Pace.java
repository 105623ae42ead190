package tributary.localsgd;

import java.util.Arrays;
import java.util.OptionalDouble;

/// How fast the replicas are against each other, in virtual time: whole milliseconds that only order what happens, or
/// nanoseconds of a [simulation][#simulated]. Real durations differ from run to run; these are part of the run's settings, so
/// that an asynchronous run can be repeated.
///
/// A replica's n-th step of its own ends at n d_m. **Global step** s is over when all replicas together have taken M s
/// steps of their own; with equal replicas that is each one's step s. It is by global steps that a run is as long as any
/// other, that its learning rate falls, and that it is reported.
public final class Pace {
    private final long[] durations;
    private final boolean equal;
    /// Where a simulation says when steps end, virtual nanoseconds: of each replica, one step after the other. Empty where all
    /// follows from the durations.
    private final long[][] ends;

    /// @param durations d_m, milliseconds a step takes on each replica
    public Pace(long... durations) {
        if (durations.length == 0 || Arrays.stream(durations).anyMatch(d -> d < 1 || d > 100_000_000)) {
            throw new IllegalArgumentException("pace: step times of " + Arrays.toString(durations)
                    + " ms; each replica needs one from 1 ms to 100,000 s");
        }
        this.durations = durations.clone();
        this.equal = Arrays.stream(durations).allMatch(d -> d == durations[0]);
        this.ends = new long[0][];
    }

    private Pace(long[] durations, long[][] ends) {
        this.durations = durations;
        this.equal = false;
        this.ends = ends;
    }

    /// The pace of a simulation in which steps take longer and shorter: its moments are virtual nanoseconds.
    ///
    /// @param ends when each replica's own steps end, ascending; far enough for all rounds of the run
    public Pace simulated(long[][] ends) {
        return new Pace(durations, ends);
    }

    /// M replicas that are equally fast.
    public static Pace equal(int replicas) {
        long[] durations = new long[replicas];
        Arrays.fill(durations, 1000);
        return new Pace(durations);
    }

    /// M.
    public int replicas() {
        return durations.length;
    }

    /// d_m, milliseconds.
    public long duration(int replica) {
        return durations[replica];
    }

    /// The moment when a replica's own step is over; the largest number for one that lies beyond what was simulated.
    public long endOfStep(int replica, int step) {
        if (ends.length == 0) {
            return step * durations[replica];
        }
        return step == 0 ? 0 : step <= ends[replica].length ? ends[replica][step - 1] : Long.MAX_VALUE;
    }

    /// The steps a replica has done at a moment, from the beginning of the run.
    public int stepsAt(int replica, long time) {
        if (ends.length == 0) {
            return Math.toIntExact(time / durations[replica]);
        }
        int low = 0; // of its own steps, this many are over
        int high = ends[replica].length;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (ends[replica][middle - 1] <= time) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /// The steps all replicas have done at a moment.
    public long stepsAt(long time) {
        long steps = 0;
        for (int m = 0; m < durations.length; m++) {
            steps += stepsAt(m, time);
        }
        return steps;
    }

    /// The global steps that are over at a moment.
    public int globalStepsAt(long time) {
        return Math.toIntExact(stepsAt(time) / durations.length);
    }

    /// The moment when a global step is over.
    public long endOf(int globalStep) {
        if (equal) {
            return globalStep * durations[0];
        }
        long steps = (long) globalStep * durations.length;
        long low = 0; // stepsAt(low - 1) < steps
        long high = ends.length == 0 ? globalStep * Arrays.stream(durations).max().getAsLong()
                : Arrays.stream(ends).mapToLong(own -> own[own.length - 1]).max().getAsLong();
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (stepsAt(middle) >= steps) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /// The virtual second in which a global step is over, where a simulation says so.
    public OptionalDouble secondsOf(int globalStep) {
        return ends.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(endOf(globalStep) / 1e9);
    }

    /// The steps of its own that a replica has done when a global step is over.
    public int stepsBy(int replica, int globalStep) {
        return equal ? globalStep : stepsAt(replica, endOf(globalStep));
    }

    /// The steps of its own that a replica has done when a round is over.
    public int stepsAfter(int replica, Round round) {
        return round.time().isPresent() ? stepsAt(replica, round.time().getAsLong()) : stepsBy(replica, round.last());
    }

    /// The global step, 1 for the first, into which a replica's own step falls.
    public int globalStepOf(int replica, int step) {
        return equal ? step : Math.toIntExact(stepsAt(endOfStep(replica, step) - 1) / durations.length) + 1;
    }
}
