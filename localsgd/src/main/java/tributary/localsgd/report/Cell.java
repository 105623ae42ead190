package tributary.localsgd.report;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.hipparchus.distribution.continuous.TDistribution;
import tributary.localsgd.laws.Interval;
import tributary.localsgd.report.Training.Arm;

/// An arm at a size, at one outer rate: what its seeds came to.
///
/// @param N non-embedding parameters
/// @param outerRate empty where there is no outer step
/// @param logLosses of each seed
/// @param bytes between the replicas of one training; NaN where that is not known
record Cell(Arm arm, double N, OptionalDouble outerRate, List<Double> logLosses, double bytes) {
    private static final double TAIL = 0.025;

    Cell {
        logLosses = List.copyOf(logLosses);
    }

    /// Of trainings that differ in their seeds alone.
    static Cell of(List<Training> seeds) {
        Training first = seeds.getFirst();
        return new Cell(first.arm(), first.N(), first.outerRate(),
                seeds.stream().map(training -> Math.log(training.loss().orElseThrow())).toList(), first.bytes().orElse(Double.NaN));
    }

    private double mean() {
        return logLosses.stream().mapToDouble(it -> it).average().orElseThrow();
    }

    private double squaredError() {
        double mean = mean();
        int n = logLosses.size();
        return logLosses.stream().mapToDouble(log -> (log - mean) * (log - mean)).sum() / (n - 1) / n;
    }

    /// The geometric mean over the seeds.
    double loss() {
        return Math.exp(mean());
    }

    /// How much higher the loss is than another cell's, in per cent.
    double gap(Cell reference) {
        return 100 * Math.expm1(mean() - reference.mean());
    }

    /// Where the gap lies with 95 %: Welch's interval for the difference of two means of log-losses (Welch 1947, doi 10.2307/2332510).
    /// Empty where one of the two has a single seed.
    Optional<Interval> gapInterval(Cell reference) {
        if (logLosses.size() < 2 || reference.logLosses.size() < 2) {
            return Optional.empty();
        }
        double own = squaredError();
        double other = reference.squaredError();
        double both = own + other;
        if (both == 0) {
            return Optional.empty(); // the same loss twice is no knowledge of its noise
        }
        double degrees = both * both / (own * own / (logLosses.size() - 1) + other * other / (reference.logLosses.size() - 1));
        double half = new TDistribution(degrees).inverseCumulativeProbability(1 - TAIL) * Math.sqrt(both);
        double difference = mean() - reference.mean();
        return Optional.of(new Interval(100 * Math.expm1(difference - half), 100 * Math.expm1(difference + half)));
    }
}
