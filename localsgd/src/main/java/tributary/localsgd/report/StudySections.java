package tributary.localsgd.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import tributary.localsgd.figure.Axis;
import tributary.localsgd.figure.Caption;
import tributary.localsgd.figure.Curves;
import tributary.localsgd.figure.HeatMap;
import tributary.localsgd.figure.Series;
import tributary.localsgd.laws.Curve;
import tributary.localsgd.laws.Fit;
import tributary.localsgd.laws.Point;
import tributary.localsgd.laws.Power;
import tributary.localsgd.laws.Quantity;
import tributary.localsgd.report.Training.Arm;

/// The section about a study: its losses against size with a law for each arm, the gap to data parallelism, and what M, H and the outer
/// rate do to them.
///
/// A **cell** is an arm at a size. Its loss is the mean over seeds; where rates were swept, at the best of them.
///
/// @param number tells it from the other studies of the report
record StudySections(String name, int number, List<Training> trainings) {
    private static final int RESAMPLES = 300;
    private static final int LEAST_SIZES = 3;
    /// Sizes that get maps of their own.
    private static final int MAPS = 4;

    /// @param spread of the seeds: the largest loss less the smallest
    private record Cell(Arm arm, double N, double loss, OptionalDouble outerRate, double bytes, double spread) {}

    List<Section> sections() {
        List<Block> blocks = new ArrayList<>();
        List<Training> measured = trainings.stream().filter(training -> training.loss().isPresent()).toList();
        blocks.add(new Block.Facts("", facts(measured)));
        double budget = usual(measured);
        List<Training> compared = measured.stream().filter(training -> training.budget() == budget).toList();
        List<Cell> cells = best(compared);
        if (!cells.isEmpty()) {
            Map<Arm, List<Cell>> arms = by(cells, Cell::arm);
            if (arms.values().stream().anyMatch(own -> own.size() >= LEAST_SIZES)) {
                arms.values().removeIf(own -> own.size() < LEAST_SIZES); // sweeps at some sizes
            }
            losses(arms, budget, blocks);
            gaps(arms, reference(cells), blocks);
            localSteps(cells, blocks);
            penalties(cells, blocks);
            outerRates(compared, blocks);
            bytes(arms, blocks);
        }
        blocks.add(new Block.Folded("All trainings", table()));
        return List.of(new Section("study-" + number, "Study " + name, blocks));
    }

    private Map<String, String> facts(List<Training> measured) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("trainings", measured.size() == trainings.size() ? Integer.toString(measured.size())
                : measured.size() + ", and " + (trainings.size() - measured.size()) + " that diverged");
        facts.put("sizes", distinct(trainings, Training::N).stream().map(N -> Written.quantity(N, "")).collect(Collectors.joining(", ")));
        facts.put("arms", trainings.stream().map(training -> training.arm().text()).distinct().collect(Collectors.joining(", ")));
        facts.put("tokens a parameter", distinct(trainings, Training::budget).stream().map(budget -> Written.number(budget, 3))
                .collect(Collectors.joining(", ")));
        facts.put("seeds", Integer.toString(distinct(trainings, training -> (double) training.seed()).size()));
        facts.put("time", Written.seconds(trainings.stream().mapToDouble(training -> training.seconds().orElse(0)).sum())
                + ", trainings beside each other added up");
        return facts;
    }

    private static List<Double> distinct(Collection<Training> trainings, Function<Training, Double> of) {
        return List.copyOf(new TreeSet<>(trainings.stream().map(of).toList()));
    }

    /// The budget of most trainings.
    private static double usual(List<Training> trainings) {
        return trainings.stream().collect(Collectors.groupingBy(Training::budget, TreeMap::new, Collectors.counting())).entrySet().stream()
                .max(Map.Entry.<Double, Long>comparingByValue().thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())))
                .map(Map.Entry::getKey).orElse(0.0);
    }

    private static <K, T> Map<K, List<T>> by(Collection<T> all, Function<T, K> key) {
        return all.stream().collect(Collectors.groupingBy(key, LinkedHashMap::new, Collectors.toList()));
    }

    private record Place(Arm arm, double N) {}

    private static List<Cell> best(List<Training> trainings) {
        List<Cell> cells = new ArrayList<>();
        by(trainings, training -> new Place(training.arm(), training.N())).forEach((place, all) -> cells.add(
                by(all, training -> List.of(training.outerRate(), training.onRule() ? 1 : training)).values().stream()
                        .map(StudySections::mean).min(Comparator.comparingDouble(Cell::loss)).orElseThrow()));
        cells.sort(Comparator.comparing((Cell cell) -> !cell.arm().isReference())
                .thenComparing(cell -> cell.arm().algorithm()).thenComparing(cell -> cell.arm().codec())
                .thenComparing(cell -> cell.arm().H()).thenComparing(cell -> cell.arm().M()).thenComparing(Cell::N));
        return cells;
    }

    private static Cell mean(List<Training> seeds) {
        Training first = seeds.getFirst();
        double[] losses = seeds.stream().mapToDouble(training -> training.loss().orElseThrow()).sorted().toArray();
        double sum = 0;
        for (double loss : losses) {
            sum += loss;
        }
        return new Cell(first.arm(), first.N(), sum / losses.length, first.outerRate(), first.bytes().orElse(Double.NaN),
                losses[losses.length - 1] - losses[0]);
    }

    private Caption caption(String id, String title, String text) {
        return new Caption("study-" + number + "-" + id, title, text);
    }

    private void losses(Map<Arm, List<Cell>> arms, double budget, List<Block> blocks) {
        List<Series> series = new ArrayList<>();
        List<List<String>> laws = new ArrayList<>();
        int hue = 0;
        for (Map.Entry<Arm, List<Cell>> arm : arms.entrySet()) {
            String text = arm.getKey().text();
            Optional<Fit> fit = fit(arm.getValue());
            if (fit.isPresent()) {
                Curve curve = Curve.of(fit.get()).getFirst();
                List<double[]> band = new ArrayList<>();
                List<double[]> line = new ArrayList<>();
                for (Curve.Place place : curve.places()) {
                    line.add(new double[] {place.size(), place.prediction().value()});
                    place.prediction().interval().ifPresent(found -> band.add(new double[] {place.size(), found.low(), found.high()}));
                }
                if (!band.isEmpty()) {
                    series.add(new Series(text, Series.Mark.BAND, hue, band));
                }
                series.add(new Series(text, Series.Mark.LINE, hue, line));
            }
            laws.add(law(text, fit));
            series.add(new Series(text, Series.Mark.POINTS, hue++,
                    arm.getValue().stream().map(cell -> new double[] {cell.N(), cell.loss()}).toList()));
        }
        blocks.add(new Block.Drawing(new Curves(
                caption("loss", "Loss against size", "At " + Written.number(budget, 3)
                        + " tokens a parameter, mean over seeds, at the best "
                        + "rate where rates were swept. Lines: L = A N^α by least squares on ln L, drawn on to four times the largest size, "
                        + "with the 95 % band of a bootstrap of residuals."),
                Axis.log("non-embedding parameters", ""), Axis.log("validation loss", "nats a token"), series)));
        blocks.add(new Block.Grid("L = A N^α", List.of("arm", "A", "α", "95 %", "mean |log error|", "points"), laws, true));
    }

    private static Optional<Fit> fit(List<Cell> cells) {
        if (cells.size() < LEAST_SIZES) {
            return Optional.empty();
        }
        return Optional.of(Fit.of(new Power(),
                cells.stream().map(cell -> new Point(Map.of(Quantity.PARAMETERS, cell.N()), cell.loss())).toList(), RESAMPLES, 1))
                .filter(fit -> fit.objection().isEmpty());
    }

    private static List<String> law(String arm, Optional<Fit> fit) {
        return fit.map(found -> List.of(arm, Written.number(found.coefficients().get("A"), 4),
                Written.number(found.coefficients().get("alpha"), 4),
                Written.number(found.intervals().get("alpha").low(), 4) + " to " + Written.number(found.intervals().get("alpha").high(), 4),
                Written.number(found.residual(), 2), Integer.toString(found.points().size())))
                .orElse(List.of(arm, "–", "–", "the points cannot support it", "–", "–"));
    }

    /// The loss of data parallelism at each size.
    private static Map<Double, Double> reference(List<Cell> cells) {
        return cells.stream().filter(cell -> cell.arm().isReference())
                .collect(Collectors.toMap(Cell::N, Cell::loss, (first, _) -> first));
    }

    private void gaps(Map<Arm, List<Cell>> arms, Map<Double, Double> reference, List<Block> blocks) {
        List<Series> series = new ArrayList<>();
        int hue = 0; // as in the figure of losses
        for (Map.Entry<Arm, List<Cell>> arm : arms.entrySet()) {
            List<double[]> points = arm.getValue().stream().filter(cell -> reference.containsKey(cell.N()))
                    .map(cell -> new double[] {cell.N(), gap(cell, reference)}).toList();
            if (points.size() >= 2 && !arm.getKey().isReference()) {
                series.add(new Series(arm.getKey().text(), Series.Mark.LINE_AND_POINTS, hue, points));
            }
            hue++;
        }
        if (!series.isEmpty()) {
            double spread = arms.values().stream().flatMap(List::stream).mapToDouble(cell -> 100 * cell.spread() / cell.loss()).max()
                    .orElseThrow();
            blocks.add(new Block.Drawing(new Curves(
                    caption("gap", "Gap to data parallelism",
                            "How much higher the loss is than data parallelism's at the same size, tokens "
                                    + "and compute; below zero local steps win."
                                    + (spread > 0 ? " Seeds of one cell differ by up to " + Written.number(spread, 2) + " %." : "")),
                    Axis.log("non-embedding parameters", ""), Axis.linear("gap", "%"), series)));
        }
    }

    private static double gap(Cell cell, Map<Double, Double> reference) {
        return 100 * (cell.loss() / Objects.requireNonNull(reference.get(cell.N())) - 1);
    }

    private record Column(String algorithm, int M, String codec, double N) {}

    private void localSteps(List<Cell> cells, List<Block> blocks) {
        List<Series> series = new ArrayList<>();
        by(cells, cell -> new Column(cell.arm().algorithm(), cell.arm().M(), cell.arm().codec(), cell.N())).forEach((column, own) -> {
            if (own.size() >= 3) {
                series.add(new Series(
                        new Arm(column.algorithm(), column.M(), 1, column.codec()).text() + " N=" + Written.quantity(column.N(), ""),
                        Series.Mark.LINE_AND_POINTS, series.size(),
                        own.stream().map(cell -> new double[] {cell.arm().H(), cell.loss()}).toList()));
            }
        });
        if (!series.isEmpty()) {
            blocks.add(new Block.Drawing(new Curves(
                    caption("local-steps", "Loss against local steps", "At the best rate where rates were swept."),
                    Axis.log("local steps H", ""), Axis.linear("validation loss", "nats a token"), series)));
        }
    }

    private record Family(String algorithm, String codec, double N) {}

    /// Maps over M and H, of the largest sizes that have several of both.
    private void penalties(List<Cell> cells, List<Block> blocks) {
        Map<Double, Double> reference = reference(cells);
        Map<Family, List<Cell>> families = by(cells.stream().filter(cell -> !cell.arm().isReference()).toList(),
                cell -> new Family(cell.arm().algorithm(), cell.arm().codec(), cell.N()));
        families.entrySet().stream()
                .filter(family -> reference.containsKey(family.getKey().N()) && several(family.getValue(), cell -> cell.arm().M())
                        && several(family.getValue(), cell -> cell.arm().H()))
                .sorted(Comparator.comparingDouble((Map.Entry<Family, List<Cell>> family) -> family.getKey().N()).reversed())
                .limit(MAPS)
                .forEach(family -> blocks.add(new Block.Drawing(map(
                        "penalty-" + family.getKey().algorithm() + "-" + Math.round(family.getKey().N())
                                + (family.getKey().codec().equals("fp32") ? "" : "-" + slug(family.getKey().codec())),
                        "Penalty of " + family.getKey().algorithm() + " at " + Written.quantity(family.getKey().N(), "") + " parameters",
                        "How much higher the loss is than data parallelism's at the same size.",
                        Axis.linear("gap", "%"), family.getValue(), cell -> gap(cell, reference), true))));
    }

    private static String slug(String text) {
        return text.replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
    }

    private static boolean several(List<Cell> cells, Function<Cell, Integer> of) {
        return cells.stream().map(of).distinct().count() > 1;
    }

    private HeatMap map(
            String id, String title, String text, Axis value, List<Cell> cells, ToDoubleFunction<Cell> of, boolean signed) {
        List<Integer> Ms = cells.stream().map(cell -> cell.arm().M()).distinct().sorted().toList();
        List<Integer> Hs = cells.stream().map(cell -> cell.arm().H()).distinct().sorted().toList();
        double[][] values = new double[Hs.size()][Ms.size()];
        for (double[] row : values) {
            Arrays.fill(row, Double.NaN);
        }
        cells.forEach(cell -> values[Hs.indexOf(cell.arm().H())][Ms.indexOf(cell.arm().M())] = of.applyAsDouble(cell));
        return new HeatMap(caption(id, title, text), "replicas M", Ms.stream().map(String::valueOf).toList(), "local steps H",
                Hs.stream().map(String::valueOf).toList(), value, values, signed);
    }

    private void outerRates(List<Training> trainings, List<Block> blocks) {
        List<Series> series = new ArrayList<>();
        List<Cell> optima = new ArrayList<>();
        by(trainings.stream().filter(training -> training.outerRate().isPresent() && training.onRule()).toList(),
                training -> new Place(training.arm(), training.N())).forEach((place, own) -> {
                    List<Cell> swept = by(own, Training::outerRate).values().stream().map(StudySections::mean)
                            .sorted(Comparator.comparingDouble(cell -> cell.outerRate().orElseThrow())).toList();
                    if (swept.size() >= 3) {
                        series.add(new Series(place.arm().text() + " N=" + Written.quantity(place.N(), ""), Series.Mark.LINE_AND_POINTS,
                                series.size(),
                                swept.stream().map(cell -> new double[] {cell.outerRate().orElseThrow(), cell.loss()}).toList()));
                        optima.add(swept.stream().min(Comparator.comparingDouble(Cell::loss)).orElseThrow());
                    }
                });
        if (series.isEmpty()) {
            return;
        }
        blocks.add(new Block.Drawing(new Curves(
                caption("outer-rate", "Loss against the outer learning rate", "Mean over seeds."),
                Axis.log("outer learning rate", ""), Axis.linear("validation loss", "nats a token"), series)));
        by(optima, cell -> new Family(cell.arm().algorithm(), cell.arm().codec(), cell.N())).forEach((family, own) -> {
            if (own.size() > 1) {
                blocks.add(new Block.Drawing(map(
                        "best-outer-rate-" + family.algorithm() + "-" + Math.round(family.N()),
                        "Best outer learning rate of " + family.algorithm() + " at " + Written.quantity(family.N(), "") + " parameters",
                        "The one of the sweep with the lowest loss.", Axis.linear("outer learning rate", ""), own,
                        cell -> cell.outerRate().orElseThrow(), false)));
            }
        });
    }

    private void bytes(Map<Arm, List<Cell>> arms, List<Block> blocks) {
        List<Series> series = new ArrayList<>();
        arms.forEach((arm, cells) -> {
            List<double[]> points = cells.stream().filter(cell -> cell.bytes() > 0).map(cell -> new double[] {cell.bytes(), cell.loss()})
                    .toList();
            if (!points.isEmpty()) {
                series.add(new Series(arm.text(), Series.Mark.LINE_AND_POINTS, series.size(), points));
            }
        });
        if (series.size() > 1) {
            blocks.add(new Block.Drawing(new Curves(
                    caption("bytes", "Loss against bytes", "What the replicas of a training sent and received, a point a size."),
                    Axis.log("communicated", "bytes"), Axis.log("validation loss", "nats a token"), series)));
        }
    }

    private Block table() {
        List<List<String>> rows = new ArrayList<>();
        for (Training training : trainings) {
            rows.add(List.of(training.arm().text(), Written.quantity(training.N(), ""), Written.quantity(training.tokens(), ""),
                    training.outerRate().isPresent() ? Written.number(training.outerRate().getAsDouble(), 3) : "–",
                    Long.toString(training.seed()),
                    training.loss().isPresent() ? Written.loss(training.loss().getAsDouble()) : "diverged",
                    training.bytes().isPresent() ? Written.quantity(training.bytes().getAsDouble(), "B") : "–",
                    training.seconds().isPresent() ? Written.seconds(training.seconds().getAsDouble()) : "–"));
        }
        return new Block.Grid("", List.of("arm", "N", "tokens", "outer rate", "seed", "loss", "communicated", "time"), rows, true);
    }
}
