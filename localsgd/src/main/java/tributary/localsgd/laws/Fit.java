package tributary.localsgd.laws;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.SingularValueDecomposition;
import tributary.model.data.StatelessRandom;

/// A law fitted to points, and what there is to say about it.
///
/// **Intervals** come from a bootstrap of the residuals (Efron and Tibshirani 1993, chapter 9): to the fitted log-losses are
/// added residuals drawn with replacement, enlarged by sqrt(n / (n - p)) for the p coefficients they have paid for, and the law is
/// fitted again. The points' places stay as they are, since whoever runs a study chooses them; the errors of the log-loss
/// count as alike and independent, so that an error of the law's form is not in the intervals: [#largestHeldOut] shows that.
///
/// A fit **has an objection** where the points cannot say what the coefficients are; its digits are then worth nothing.
public final class Fit {
    private static final int STARTS = 100;
    /// A search that ends with a sum larger by less than this part, or by less than errors of 1e-6, has fitted as well.
    private static final double AS_GOOD = 1e-6;
    private static final double EXACT = 0.5e-12;
    /// Relative change of a coordinate that makes another fit.
    private static final double OTHER = 0.05;
    /// Ratio of singular values of the Jacobian, its columns scaled to one length, at which some coefficients cannot be told apart.
    private static final double FLAT = 1e-9;
    /// Part of the lowest loss below which a floor is none.
    private static final double NO_FLOOR = 1e-3;

    /// Ratio of the ends of an interval, from which on an exponent is as good as unknown.
    private static final double VAGUE = 10;
    /// Ratio of the largest tokens a parameter to the smallest, up to which tokens count as in proportion.
    private static final double PROPORTIONAL = 1.1;

    private final Law law;
    private final List<Point> points;
    private final List<Terms> places;
    private final double[] logValues;
    private final double[] coordinates;
    private final Optional<double[]> rival;
    private final List<double[]> resampled;

    /// The largest size, predicted from the others.
    ///
    /// @param size the law's first quantity
    /// @param points of that size
    /// @param residual mean |log error| of their prediction
    public record HeldOut(double size, int points, double residual) {}

    /// What the law predicts.
    ///
    /// @param interval of the law itself, without the noise of one training; empty without a bootstrap
    public record Prediction(double value, Optional<Interval> interval) {

        /// @param draws the value by the fit, then by each resample
        static Prediction of(double[] draws) {
            return new Prediction(draws[0], draws.length == 1 ? Optional.empty()
                    : Optional.of(Interval.of(Arrays.copyOfRange(draws, 1, draws.length))));
        }
    }

    private Fit(Law law, List<Point> points, int resamples, long seed) {
        this.law = law;
        this.points = List.copyOf(points);
        places = points.stream().map(point -> place(law, point.at())).toList();
        logValues = points.stream().mapToDouble(point -> Math.log(point.value())).toArray();
        List<Search.Minimum> minima = search(seed);
        Search.Minimum best = minima.stream().min(Comparator.comparingDouble(Search.Minimum::sum)).orElseThrow();
        coordinates = best.coordinates();
        rival = minima.stream()
                .filter(minimum -> minimum.sum() <= best.sum() * (1 + AS_GOOD) + EXACT * points.size())
                .map(Search.Minimum::coordinates)
                .filter(this::isOther)
                .findFirst();
        resampled = points.size() == coordinates.length ? List.of() : resample(resamples, seed);
    }

    /// Fits a law.
    ///
    /// @param resamples of the bootstrap; with none, or with as many points as coefficients, there are no intervals
    /// @param seed of the starts and of the resamples
    /// @throws IllegalArgumentException where there are fewer points than coefficients, or a quantity that never changes
    public static Fit of(Law law, List<Point> points, int resamples, long seed) {
        requireEnough(law, points);
        return new Fit(law, points, resamples, seed);
    }

    private static void requireEnough(Law law, List<Point> points) {
        int unknowns = law.letters().size();
        if (points.size() < unknowns) {
            throw new IllegalArgumentException(law.name() + " has " + unknowns + " coefficients ("
                    + String.join(", ", law.letters()) + ") and there " + (points.size() == 1 ? "is 1 point" : "are " + points.size()
                            + " points")
                    + "; give at least as many, better several times as many");
        }
        for (Quantity quantity : law.quantities()) {
            if (points.stream().map(point -> quantity.in(point.at())).distinct().count() < 2) {
                throw new IllegalArgumentException(law.name() + " needs points of different " + quantity.column() + "; all "
                        + points.size() + " have " + Quantity.text(quantity.in(points.getFirst().at()).orElseThrow()));
            }
        }
    }

    private static Terms place(Law law, Map<Quantity, Double> at) {
        return new Terms(law.terms(law.quantities().stream().mapToDouble(quantity -> quantity.in(at).orElseThrow()).toArray()));
    }

    private List<Search.Minimum> search(long seed) {
        Search search = new Search(law.huber(), places, logValues);
        long purpose = StatelessRandom.seed(seed, "starts");
        List<Search.Minimum> minima = new ArrayList<>();
        int starts = places.getFirst().rows().length == 1 ? 1 : STARTS; // one term: a linear problem
        for (int start = 0; start < starts; start++) {
            int number = start;
            int[] draws = {0};
            int through = (int) StatelessRandom.below(places.size(), purpose, start, 0);
            minima.add(search.from(places.get(through).start(logValues[through], law.unknowns(),
                    () -> StatelessRandom.uniform(purpose, number, ++draws[0]))));
        }
        return minima;
    }

    private boolean isOther(double[] at) {
        for (int i = 0; i < at.length; i++) {
            if (Math.abs(at[i] - coordinates[i]) > OTHER * Math.max(Math.abs(at[i]), Math.abs(coordinates[i]))) {
                return true;
            }
        }
        return false;
    }

    private List<double[]> resample(int resamples, long seed) {
        int n = places.size();
        double[] fitted = new double[n];
        double[] residuals = new double[n];
        double enlarged = Math.sqrt((double) n / (n - coordinates.length));
        for (int i = 0; i < n; i++) {
            fitted[i] = places.get(i).value(coordinates);
            residuals[i] = enlarged * (logValues[i] - fitted[i]);
        }
        long purpose = StatelessRandom.seed(seed, "bootstrap");
        List<double[]> resampled = new ArrayList<>();
        double[] drawn = new double[n];
        for (int sample = 0; sample < resamples; sample++) {
            for (int i = 0; i < n; i++) {
                drawn[i] = fitted[i] + residuals[(int) StatelessRandom.below(n, purpose, sample, i)];
            }
            resampled.add(new Search(law.huber(), places, drawn.clone()).from(coordinates).coordinates());
        }
        return resampled;
    }

    /// What was fitted.
    public Law law() {
        return law;
    }

    /// What it was fitted to.
    public List<Point> points() {
        return points;
    }

    /// By the letters of the paper.
    public Map<String, Double> coefficients() {
        Map<String, Double> named = new LinkedHashMap<>();
        double[] values = law.coefficients(coordinates);
        for (int i = 0; i < values.length; i++) {
            named.put(law.letters().get(i), values[i]);
        }
        return named;
    }

    /// Of each coefficient; empty without a bootstrap.
    public Map<String, Interval> intervals() {
        Map<String, Interval> named = new LinkedHashMap<>();
        for (int i = 0; i < coordinates.length && !resampled.isEmpty(); i++) {
            int letter = i;
            named.put(law.letters().get(i), Interval.of(resampled.stream().mapToDouble(at -> law.coefficients(at)[letter]).toArray()));
        }
        return named;
    }

    /// ln of the measured value over the fitted one, point by point.
    public double[] logErrors() {
        double[] errors = new double[logValues.length];
        Arrays.setAll(errors, i -> logValues[i] - places.get(i).value(coordinates));
        return errors;
    }

    /// Mean |log error|.
    public double residual() {
        return meanSize(logErrors());
    }

    /// The exponents e with which a quantity q makes a model train like one of N q^e parameters; empty where the law has none.
    public Map<Quantity, Double> effectiveSize() {
        return law.effectiveSize(coordinates);
    }

    /// Of each exponent of the effective size; empty without a bootstrap.
    public Map<Quantity, Interval> effectiveSizeIntervals() {
        Map<Quantity, Interval> intervals = new LinkedHashMap<>();
        if (!resampled.isEmpty()) {
            for (Quantity quantity : effectiveSize().keySet()) {
                intervals.put(quantity, Interval.of(resampled.stream().mapToDouble(at -> law.effectiveSize(at).get(quantity)).toArray()));
            }
        }
        return intervals;
    }

    /// The exponents e with which a quantity q makes a training worth C q^e of compute. Twice those of the effective size, since
    /// C is N D up to a factor, and D is in proportion to N: empty where the points' tokens are known not to be.
    public Map<Quantity, Double> effectiveCompute() {
        DoubleSummaryStatistics ratios = points.stream().filter(point -> point.at().containsKey(Quantity.TOKENS))
                .mapToDouble(point -> point.at().get(Quantity.TOKENS) / Quantity.PARAMETERS.in(point.at()).orElse(Double.NaN))
                .summaryStatistics();
        Map<Quantity, Double> exponents = new LinkedHashMap<>();
        if (ratios.getCount() == 0 || ratios.getMax() <= PROPORTIONAL * ratios.getMin()) {
            effectiveSize().forEach((quantity, exponent) -> exponents.put(quantity, 2 * exponent));
        }
        return exponents;
    }

    /// The value at a place that may never have been measured.
    ///
    /// @throws IllegalArgumentException where a quantity of the law is missing
    public Prediction predict(Map<Quantity, Double> at) {
        return Prediction.of(Arrays.stream(logValues(at)).map(Math::exp).toArray());
    }

    /// The coordinates of the fit, then of each resample.
    List<double[]> draws() {
        List<double[]> draws = new ArrayList<>(List.of(coordinates));
        draws.addAll(resampled);
        return draws;
    }

    /// ln of the value there, by each draw.
    ///
    /// @throws IllegalArgumentException where a quantity of the law is missing
    double[] logValues(Map<Quantity, Double> at) {
        for (Quantity quantity : law.quantities()) {
            if (quantity.in(at).isEmpty()) {
                throw new IllegalArgumentException(law.name() + " predicts from "
                        + String.join(", ", law.quantities().stream().map(Quantity::column).toList()) + "; " + quantity.column()
                        + " is missing");
            }
        }
        Terms place = place(law, at);
        return draws().stream().mapToDouble(place::value).toArray();
    }

    /// Fits without the points of the largest size and predicts them. Empty where too few points are left for the law.
    public Optional<HeldOut> largestHeldOut(long seed) {
        Quantity size = law.quantities().getFirst();
        ToDoubleFunction<Point> sizeOf = point -> size.in(point.at()).orElseThrow();
        double largest = points.stream().mapToDouble(sizeOf).max().orElseThrow();
        List<Point> rest = points.stream().filter(point -> sizeOf.applyAsDouble(point) < largest).toList();
        Fit without;
        try {
            without = of(law, rest, 0, seed);
        } catch (IllegalArgumentException tooFew) {
            return Optional.empty();
        }
        double[] errors = points.stream()
                .filter(point -> sizeOf.applyAsDouble(point) == largest)
                .mapToDouble(point -> Math.log(point.value() / without.predict(point.at()).value()))
                .toArray();
        return Optional.of(new HeldOut(largest, errors.length, meanSize(errors)));
    }

    /// Why the points cannot say what the coefficients are; empty where they can.
    public Optional<String> objection() {
        Map<String, Double> values = coefficients();
        if (law.floor().isPresent() && values.get(law.floor().get()) < leastFloor()) {
            return Optional.of("the best floor " + law.floor().get() + " is zero; take a law without one");
        }
        if (values.values().stream().anyMatch(value -> !Double.isFinite(value))) {
            return Optional.of("the loss does not change with size");
        }
        Optional<String> flat = flatDirection();
        if (flat.isPresent()) {
            return flat;
        }
        if (rival.isPresent()) {
            return Optional.of("other coefficients fit as well: " + written(coordinates) + " or " + written(rival.get()));
        }
        Map<String, Interval> intervals = intervals();
        for (Coefficient unknown : law.unknowns()) {
            Interval interval = intervals.get(unknown.letter());
            if (interval == null || unknown.kind() != Coefficient.Kind.TREND) {
                continue;
            }
            double ratio = interval.low() / interval.high();
            if (interval.contains(0) || ratio > VAGUE || ratio < 1 / VAGUE) {
                return Optional.of(String.format(Locale.ROOT, "%s lies between %.3g and %.3g, so that %s", unknown.letter(),
                        interval.low(), interval.high(),
                        interval.contains(0) ? "even its sign is open" : "not even its first digit is known"));
            }
        }
        return floorObjection(intervals);
    }

    private Optional<String> floorObjection(Map<String, Interval> intervals) {
        return law.floor().filter(intervals::containsKey).filter(floor -> intervals.get(floor).low() < leastFloor())
                .map(floor -> String.format(Locale.ROOT, "the floor %s may lie anywhere from 0 to %.3g; take a law without one",
                        floor, intervals.get(floor).high()));
    }

    private double leastFloor() {
        return NO_FLOOR * points.stream().mapToDouble(Point::value).min().orElseThrow();
    }

    /// Coefficients that can change together without a change of any fitted loss.
    private Optional<String> flatDirection() {
        int unknowns = coordinates.length;
        double[][] jacobian = new double[places.size()][unknowns];
        double[] norms = new double[unknowns];
        for (int i = 0; i < jacobian.length; i++) {
            places.get(i).value(coordinates, jacobian[i]);
            for (int j = 0; j < unknowns; j++) {
                norms[j] += jacobian[i][j] * jacobian[i][j];
            }
        }
        for (double[] row : jacobian) {
            for (int j = 0; j < unknowns; j++) {
                row[j] /= Math.max(Math.sqrt(norms[j]), Double.MIN_NORMAL);
            }
        }
        SingularValueDecomposition svd = new SingularValueDecomposition(new Array2DRowRealMatrix(jacobian, false));
        double[] singular = svd.getSingularValues();
        if (singular[unknowns - 1] > FLAT * singular[0]) {
            return Optional.empty();
        }
        double[] direction = svd.getV().getColumn(unknowns - 1);
        List<String> together = new ArrayList<>();
        for (int j = 0; j < unknowns; j++) {
            if (Math.abs(direction[j]) > 0.1) {
                together.add(law.letters().get(j));
            }
        }
        return Optional.of(String.join(", ", together) + " can change together without a change of any loss at these points");
    }

    private String written(double[] at) {
        double[] values = law.coefficients(at);
        List<String> written = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            written.add(String.format(Locale.ROOT, "%s %.4g", law.letters().get(i), values[i]));
        }
        return String.join(", ", written);
    }

    private static double meanSize(double[] errors) {
        return Arrays.stream(errors).map(Math::abs).average().orElseThrow();
    }
}
