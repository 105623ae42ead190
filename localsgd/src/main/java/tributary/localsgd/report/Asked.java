package tributary.localsgd.report;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tributary.localsgd.laws.Fit;
import tributary.localsgd.laws.Interval;
import tributary.localsgd.laws.Law;
import tributary.localsgd.laws.Point;
import tributary.localsgd.laws.Quantity;

/// A law that cells were asked for.
///
/// @param fit empty where they do not carry it
/// @param objection why they do not; empty where they do
record Asked(Optional<Fit> fit, String objection) {
    private static final int RESAMPLES = 300;
    private static final int LEAST_SIZES = 3;

    /// Each cell is a point.
    static Asked of(Law law, List<Cell> cells) {
        long sizes = cells.stream().map(Cell::N).distinct().count();
        if (sizes < LEAST_SIZES) {
            return new Asked(Optional.empty(), sizes + (sizes == 1 ? " size" : " sizes") + " only; a law takes " + LEAST_SIZES);
        }
        try {
            Fit fit = fit(law, cells);
            return fit.objection().map(why -> new Asked(Optional.empty(), why)).orElseGet(() -> new Asked(Optional.of(fit), ""));
        } catch (IllegalArgumentException tooFew) {
            return new Asked(Optional.empty(), tooFew.getMessage());
        }
    }

    /// The fit, whatever there is to say against it.
    ///
    /// @throws IllegalArgumentException where there are fewer cells than coefficients, or a quantity that never changes
    static Fit fit(Law law, List<Cell> cells) {
        return Fit.of(law, cells.stream().map(cell -> new Point(at(cell.N(), cell.arm().M(), cell.arm().H()), cell.loss())).toList(),
                RESAMPLES, 1);
    }

    static Map<Quantity, Double> at(double N, int M, int H) {
        return new EnumMap<>(Map.of(Quantity.PARAMETERS, N, Quantity.REPLICAS, (double) M, Quantity.LOCAL_STEPS, (double) H));
    }

    /// The coefficients with their intervals, or the objection.
    ///
    /// @param law its name for people
    Block block(String law) {
        return fit.map(found -> table(law, found))
                .orElseGet(() -> new Block.Prose("The points do not carry " + law + ": " + objection + "."));
    }

    static Block table(String law, Fit fit) {
        Map<String, Interval> intervals = fit.intervals();
        List<List<String>> rows = fit.coefficients().entrySet().stream().map(entry -> {
            Interval interval = intervals.get(entry.getKey());
            return List.of(entry.getKey(), Written.number(entry.getValue(), 4),
                    interval == null ? "–" : Written.number(interval.low(), 3) + " to " + Written.number(interval.high(), 3));
        }).toList();
        return new Block.Grid(law + ", from " + fit.points().size() + " points, mean |log error| " + Written.number(fit.residual(), 2),
                List.of("", "fitted", "95 %"), rows, true);
    }
}
