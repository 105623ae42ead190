package tributary.localsgd.laws;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// A fitted law as a line over its size, to be drawn: from the smallest point to beyond the largest.
///
/// @param at what stays the same along the line, such as M = 2; empty where the law depends on the size alone
/// @param places on it, evenly on a logarithmic axis
public record Curve(Map<Quantity, Double> at, List<Place> places) {
    private static final int PLACES = 33;
    /// More lines than this say nothing.
    private static final int MOST = 12;
    /// How far beyond the largest point.
    private static final double BEYOND = 4;

    /// @param size of the law's first quantity
    public record Place(double size, Fit.Prediction prediction) {}

    public Curve {
        at = Map.copyOf(at);
        places = List.copyOf(places);
    }

    /// A line for each value that the other quantities take together; none where those are as many as points.
    public static List<Curve> of(Fit fit) {
        List<Quantity> quantities = fit.law().quantities();
        Quantity size = quantities.getFirst();
        TreeSet<Double> sizes = new TreeSet<>();
        Map<Map<Quantity, Double>, Integer> others = new LinkedHashMap<>();
        for (Point point : fit.points()) {
            sizes.add(size.in(point.at()).orElseThrow());
            Map<Quantity, Double> other = new LinkedHashMap<>();
            quantities.stream().skip(1).forEach(quantity -> other.put(quantity, quantity.in(point.at()).orElseThrow()));
            others.merge(other, 1, Integer::sum);
        }
        if (others.size() > MOST || others.values().stream().allMatch(points -> points == 1)) {
            return List.of();
        }
        return others.keySet().stream().map(other -> new Curve(other, places(fit, other, sizes.first(), BEYOND * sizes.last()))).toList();
    }

    private static List<Place> places(Fit fit, Map<Quantity, Double> other, double from, double to) {
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < PLACES; i++) {
            double size = from * Math.pow(to / from, i / (PLACES - 1.0));
            Map<Quantity, Double> at = new LinkedHashMap<>(other);
            at.put(fit.law().quantities().getFirst(), size);
            places.add(new Place(size, fit.predict(at)));
        }
        return places;
    }
}
