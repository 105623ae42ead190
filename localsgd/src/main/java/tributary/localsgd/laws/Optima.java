package tributary.localsgd.laws;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.QRDecomposition;

/// The best value of a quantity that was swept: trainings that agree in what the law depends on, in size, replicas, local steps and
/// tokens are one sweep, and the optimum is the vertex of a parabola of the loss in log2 of the swept quantity. Of trainings that
/// agree in the swept quantity too, and differ in a learning rate or batch, the one with the lowest loss counts.
///
/// Chinchilla's **IsoFLOP profiles**, approach 2 of Hoffmann et al. 2022, arXiv:2203.15556, are sweeps of the size at one
/// compute, the parabola through all of them; so is the parabola of the batch in Charles et al. 2025, arXiv:2503.09799. Losses
/// over learning rates rise too steeply for one parabola: it goes through the lowest and its two neighbours.
///
/// Sweeps without a minimum inside are left out, and named. Where no sweep has more than one value, and compute is none of
/// the law's quantities, the values are the optima.
///
/// @param points the optima: places of the law, values of its target
/// @param leftOut a line a sweep, with the reason
record Optima(List<Point> points, List<String> leftOut) {
    /// Budgets that differ by less are one: a training ends with a whole step.
    private static final double ONE_BUDGET = 0.02;
    /// What two trainings of one sweep have in common, unless it is swept.
    private static final Set<Quantity> CONDITIONS = EnumSet.of(Quantity.PARAMETERS, Quantity.REPLICAS, Quantity.LOCAL_STEPS);

    /// One sweep's minimum: the swept value, or why there is none.
    private record Minimum(Optional<Double> value, String reason) {
        Minimum(double value) {
            this(Optional.of(value), "");
        }

        Minimum(String reason) {
            this(Optional.empty(), reason);
        }
    }

    static Optima of(Law law, List<Point> trainings) {
        Map<Map<Quantity, Double>, TreeMap<Double, Double>> sweeps = sweeps(law, trainings);
        boolean chosen = !law.quantities().contains(Quantity.FLOPS) && sweeps.values().stream().allMatch(sweep -> sweep.size() == 1);
        List<Point> points = new ArrayList<>();
        List<String> leftOut = new ArrayList<>();
        int single = 0;
        for (Map.Entry<Map<Quantity, Double>, TreeMap<Double, Double>> entry : sweeps.entrySet()) {
            TreeMap<Double, Double> sweep = entry.getValue();
            if (sweep.size() == 1 && !chosen) {
                single++;
                continue;
            }
            Minimum minimum = chosen ? new Minimum(sweep.firstKey()) : minimum(law.target(), sweep);
            minimum.value().ifPresentOrElse(value -> points.add(new Point(entry.getKey(), value)),
                    () -> leftOut.add(written(entry.getKey()) + ": " + minimum.reason()));
        }
        if (single > 0) {
            leftOut.add(single + (single == 1 ? " training" : " trainings") + " with no other " + law.target().column()
                    + " to compare with");
        }
        return new Optima(points, leftOut);
    }

    /// The lowest loss at each swept value, by place.
    private static Map<Map<Quantity, Double>, TreeMap<Double, Double>> sweeps(Law law, List<Point> trainings) {
        boolean profiles = law.quantities().contains(Quantity.FLOPS);
        Quantity budget = profiles ? Quantity.FLOPS : Quantity.TOKENS;
        Set<Quantity> common = EnumSet.copyOf(CONDITIONS);
        common.addAll(law.quantities());
        common.remove(Quantity.FLOPS);
        if (profiles) {
            common.remove(Quantity.PARAMETERS);
        }
        Map<Map<Quantity, Double>, TreeMap<Double, Double>> sweeps = new LinkedHashMap<>();
        for (List<Point> alike : budgets(budget, trainings)) {
            double mean = Math.exp(alike.stream().mapToDouble(point -> Math.log(budget.in(point.at()).orElse(1))).average().orElseThrow());
            for (Point training : alike) {
                Map<Quantity, Double> place = new LinkedHashMap<>();
                budget.in(training.at()).ifPresent(known -> place.put(budget, mean));
                common.forEach(quantity -> quantity.in(training.at()).ifPresent(value -> place.put(quantity, value)));
                sweeps.computeIfAbsent(place, unknown -> new TreeMap<>()).merge(law.target().in(training.at()).orElseThrow(),
                        training.value(), Math::min);
            }
        }
        return sweeps;
    }

    /// Trainings of one compute, or of as many tokens, each; those of which it is not known count as one.
    private static List<List<Point>> budgets(Quantity budget, List<Point> trainings) {
        ToDoubleFunction<Point> size = point -> budget.in(point.at()).orElse(1);
        List<List<Point>> budgets = new ArrayList<>();
        double least = 0;
        for (Point training : trainings.stream().sorted(Comparator.comparingDouble(size)).toList()) {
            if (size.applyAsDouble(training) > least * (1 + ONE_BUDGET)) {
                budgets.add(new ArrayList<>());
                least = size.applyAsDouble(training);
            }
            budgets.getLast().add(training);
        }
        return budgets;
    }

    /// The swept value with the lowest loss; empty where it is not inside the sweep.
    ///
    /// @param sweep losses by the values of the target
    static Optional<Double> of(Quantity target, TreeMap<Double, Double> sweep) {
        return sweep.size() < 2 ? Optional.empty() : minimum(target, sweep).value();
    }

    private static Minimum minimum(Quantity target, TreeMap<Double, Double> sweep) {
        String swept = target.column();
        if (sweep.size() == 2) {
            return new Minimum("two values of " + swept + " only; a parabola needs three");
        }
        double lowest = sweep.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow().getKey();
        boolean whole = target != Quantity.LEARNING_RATE && target != Quantity.OUTER_LEARNING_RATE;
        if (!whole && (lowest == sweep.firstKey() || lowest == sweep.lastKey())) {
            return atTheEnd(swept, lowest);
        }
        Map<Double, Double> part = whole ? sweep : sweep.subMap(sweep.lowerKey(lowest), true, sweep.higherKey(lowest), true);
        double[][] powers = part.keySet().stream().map(value -> log2(value / lowest)).map(u -> new double[] {1, u, u * u})
                .toArray(double[][]::new);
        double[] losses = part.values().stream().mapToDouble(Double::doubleValue).toArray();
        double[] parabola = new QRDecomposition(new Array2DRowRealMatrix(powers, false)).getSolver()
                .solve(new ArrayRealVector(losses, false)).toArray();
        double vertex = lowest * Math.pow(2, -parabola[1] / (2 * parabola[2]));
        boolean inside = parabola[2] > 0 && vertex > sweep.firstKey() && vertex < sweep.lastKey();
        return inside ? new Minimum(vertex) : atTheEnd(swept, lowest);
    }

    private static Minimum atTheEnd(String swept, double lowest) {
        return new Minimum(
                "no minimum inside the sweep, the lowest loss at " + swept + " " + Quantity.text(lowest) + "; sweep further");
    }

    private static double log2(double value) {
        return Math.log(value) / Math.log(2);
    }

    private static String written(Map<Quantity, Double> place) {
        return place.entrySet().stream().map(entry -> entry.getKey().column() + " " + Quantity.text(entry.getValue()))
                .collect(Collectors.joining(", "));
    }
}
