package tributary.localsgd.report;

import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import org.hipparchus.distribution.continuous.TDistribution;
import tributary.localsgd.laws.Interval;
import tributary.localsgd.report.Training.Arm;

/// An arm at a size, at one outer rate: what its seeds came to.
///
/// @param N non-embedding parameters
/// @param outerRate empty where there is no outer step
/// @param logLosses by seed
/// @param bytes between the replicas of one training; NaN where that is not known
record Cell(Arm arm, double N, OptionalDouble outerRate, Map<Long, Double> logLosses, double bytes) {
    private static final double TAIL = 0.025;

    Cell {
        logLosses = Collections.unmodifiableSortedMap(new TreeMap<>(logLosses)); // summed in one order
    }

    /// Of trainings that differ in their seeds alone.
    static Cell of(List<Training> seeds) {
        Training first = seeds.getFirst();
        Map<Long, Double> logLosses = new TreeMap<>();
        seeds.forEach(training -> logLosses.putIfAbsent(training.seed(), Math.log(training.loss().orElseThrow())));
        return new Cell(first.arm(), first.N(), first.outerRate(), logLosses, first.bytes().orElse(Double.NaN));
    }

    /// The cells with those seeds alone that all of them have, so that they differ in what they are compared for and not in their
    /// seeds; as they are where no seed is common.
    static List<Cell> alike(List<Cell> cells) {
        Set<Long> common = new HashSet<>(cells.getFirst().logLosses.keySet());
        cells.forEach(cell -> common.retainAll(cell.logLosses.keySet()));
        return common.isEmpty() ? cells : cells.stream().map(cell -> cell.of(common)).toList();
    }

    private Cell of(Set<Long> seeds) {
        Map<Long, Double> some = new TreeMap<>(logLosses);
        some.keySet().retainAll(seeds);
        return new Cell(arm, N, outerRate, some, bytes);
    }

    private double mean() {
        return logLosses.values().stream().mapToDouble(it -> it).average().orElseThrow();
    }

    private double squaredError() {
        double mean = mean();
        int n = logLosses.size();
        return logLosses.values().stream().mapToDouble(log -> (log - mean) * (log - mean)).sum() / (n - 1) / n;
    }

    /// The geometric mean over the seeds.
    double loss() {
        return Math.exp(mean());
    }

    /// How much higher the loss is than another cell's, in per cent; with the same seeds where they have some in common.
    double gap(Cell reference) {
        List<Cell> alike = alike(List.of(this, reference));
        return 100 * Math.expm1(alike.get(0).mean() - alike.get(1).mean());
    }

    /// Where the gap lies with 95 %: Welch's interval for the difference of two means of log-losses (Welch 1947, doi
    /// 10.2307/2332510). Empty where one of the two has a single seed.
    Optional<Interval> gapInterval(Cell reference) {
        List<Cell> alike = alike(List.of(this, reference));
        return alike.get(0).unpaired(alike.get(1));
    }

    private Optional<Interval> unpaired(Cell reference) {
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
