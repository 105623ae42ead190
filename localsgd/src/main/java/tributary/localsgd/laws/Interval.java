package tributary.localsgd.laws;

import java.util.Arrays;

/// Where a number lies with 95 % confidence.
public record Interval(double low, double high) {
    private static final double TAIL = 0.025;

    /// Whether a number lies in it.
    public boolean contains(double value) {
        return low <= value && value <= high;
    }

    /// Between the quantiles 2.5 % and 97.5 %, interpolated.
    static Interval of(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return new Interval(quantile(sorted, TAIL), quantile(sorted, 1 - TAIL));
    }

    private static double quantile(double[] sorted, double part) {
        double place = part * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
