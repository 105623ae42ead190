package tributary.localsgd.laws;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeSet;
import java.util.function.DoubleUnaryOperator;
import org.hipparchus.analysis.solvers.BrentSolver;

/// What a way of training costs beside a reference such as data parallelism, at one place: a law of the loss of the one, and
/// the power law L = A N^alpha of the other.
///
/// The reference reaches the loss L with N_eff = (L / A)^(1 / alpha) parameters. Where tokens are in proportion to parameters,
/// which the power law takes for granted, that is (N_eff / N)^2 of the compute.
///
/// @param at the place
/// @param gap the loss over that of the reference at the same size, less 1
/// @param effectiveSize N_eff / N
/// @param effectiveCompute its square
/// @param parity the size at which the losses are the same, everything else as here; empty where there is none within a factor of a
///     thousand of the points
public record Penalty(Map<Quantity, Double> at, Fit.Prediction gap, Fit.Prediction effectiveSize, Fit.Prediction effectiveCompute,
        OptionalDouble parity) {
    private static final double FAR = Math.log(1000);

    /// At the smallest and the largest size for each combination of the law's other quantities among the points.
    ///
    /// @param reference of the law [Power]
    /// @throws IllegalArgumentException where the first law is not one of the loss in the size
    public static List<Penalty> of(Fit fit, Fit reference) {
        requireLossInSize(fit);
        Map<Map<Quantity, Double>, TreeSet<Double>> sizes = new LinkedHashMap<>();
        for (Point point : fit.points()) {
            Map<Quantity, Double> others = new LinkedHashMap<>();
            fit.law().quantities().stream().skip(1)
                    .forEach(quantity -> others.put(quantity, quantity.in(point.at()).orElseThrow()));
            sizes.computeIfAbsent(others, unknown -> new TreeSet<>()).add(point.at().get(Quantity.PARAMETERS));
        }
        List<Penalty> penalties = new ArrayList<>();
        sizes.forEach((others, among) -> {
            OptionalDouble parity = parity(fit, reference, others, Math.log(among.first()) - FAR, Math.log(among.last()) + FAR);
            for (double size : new LinkedHashSet<>(List.of(among.first(), among.last()))) {
                Map<Quantity, Double> at = new LinkedHashMap<>(Map.of(Quantity.PARAMETERS, size));
                at.putAll(others);
                penalties.add(at(fit, reference, at, parity));
            }
        });
        return penalties;
    }

    /// At a place, perhaps one where nothing was measured; without a parity.
    ///
    /// @param reference of the law [Power]
    /// @throws IllegalArgumentException where the first law is not one of the loss in the size, or one of its quantities is missing
    public static Penalty at(Fit fit, Fit reference, Map<Quantity, Double> at) {
        requireLossInSize(fit);
        return at(fit, reference, at, OptionalDouble.empty());
    }

    private static void requireLossInSize(Fit fit) {
        if (fit.law().target() != Quantity.LOSS || fit.law().quantities().getFirst() != Quantity.PARAMETERS) {
            throw new IllegalArgumentException(fit.law().name() + " is not a law of the loss in parameters: it has no reference");
        }
    }

    private static OptionalDouble parity(Fit fit, Fit reference, Map<Quantity, Double> others, double from, double to) {
        DoubleUnaryOperator gap = logSize -> {
            Map<Quantity, Double> at = new LinkedHashMap<>(others);
            at.put(Quantity.PARAMETERS, Math.exp(logSize));
            return fit.predict(at).value() - reference.predict(at).value();
        };
        return gap.applyAsDouble(from) * gap.applyAsDouble(to) > 0 ? OptionalDouble.empty()
                : OptionalDouble.of(Math.exp(new BrentSolver(1e-9).solve(1000, gap::applyAsDouble, from, to)));
    }

    private static Penalty at(Fit fit, Fit reference, Map<Quantity, Double> at, OptionalDouble parity) {
        double logSize = Math.log(at.get(Quantity.PARAMETERS));
        double[] logLosses = fit.logValues(at);
        List<double[]> lines = reference.draws();
        int draws = Math.min(logLosses.length, lines.size());
        double[] gaps = new double[draws];
        double[] effective = new double[draws];
        double[] compute = new double[draws];
        for (int i = 0; i < draws; i++) {
            double[] line = lines.get(i); // ln A, alpha
            gaps[i] = Math.expm1(logLosses[i] - line[0] - line[1] * logSize);
            effective[i] = Math.exp((logLosses[i] - line[0]) / line[1] - logSize);
            compute[i] = effective[i] * effective[i];
        }
        return new Penalty(at, Fit.Prediction.of(gaps), Fit.Prediction.of(effective), Fit.Prediction.of(compute),
                parity);
    }
}
