package tributary.localsgd.cluster;

/// What goes wrong with a worker. Times are virtual seconds from the beginning of the run.
///
/// What is lost and what waits for whom is said by [OnFailure]. A worker writes down its state at every exchange, so that a crash
/// costs what it has computed since.
public sealed interface Failure {

    /// It stops, loses what it has computed since the last exchange, and is back after a while.
    ///
    /// @param at of the crash
    /// @param repair seconds until it is back
    record Crash(double at, double repair) implements Failure {
        public Crash {
            moment(at, "crash");
            length(repair, "repair");
        }
    }

    /// Crashes that come by themselves: the seconds from one repair to the next crash are exponential, drawn for each worker.
    ///
    /// ```
    /// uptime = -mtbf ln(1 - u),   u uniform in [0, 1)
    /// ```
    ///
    /// @param mtbf the mean of the uptime
    /// @param repair seconds that each repair takes
    record RandomCrashes(double mtbf, double repair) implements Failure {
        public RandomCrashes {
            length(mtbf, "mtbf");
            length(repair, "repair");
        }
    }

    /// It is slower for a while, besides what its [Speed] says.
    ///
    /// @param factor of its speed: 0.5 takes twice as long
    record Slow(double at, double duration, double factor) implements Failure {
        public Slow {
            moment(at, "slow");
            length(duration, "for");
            length(factor, "factor");
        }
    }

    /// It goes, as in a crash, and does not come back unless it joins again.
    record Leave(double at) implements Failure {
        public Leave {
            moment(at, "leave");
        }
    }

    /// It comes; before, or since it left, it was not there.
    record Join(double at) implements Failure {
        public Join {
            moment(at, "join");
        }
    }

    /// Its line is cut for a while: it computes, and its messages wait.
    record Partition(double at, double duration) implements Failure {
        public Partition {
            moment(at, "partition");
            length(duration, "for");
        }
    }

    private static void moment(double seconds, String name) {
        if (!(seconds >= 0 && seconds <= 1e9)) {
            throw new IllegalArgumentException(name + " " + seconds + " cannot be; give a virtual second, from 0 to 1e9");
        }
    }

    private static void length(double value, String name) {
        if (!(value > 0 && value <= 1e9)) {
            throw new IllegalArgumentException(name + " " + value + " cannot be; give a positive number, at most 1e9");
        }
    }
}
