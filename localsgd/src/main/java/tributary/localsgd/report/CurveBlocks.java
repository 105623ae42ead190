package tributary.localsgd.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import tributary.localsgd.figure.Axis;
import tributary.localsgd.figure.Caption;
import tributary.localsgd.figure.Curves;
import tributary.localsgd.figure.Figure;
import tributary.localsgd.figure.Series;

/// The losses of single trainings on their way.
///
/// @param number of the study in the report
record CurveBlocks(int number, Cells cells) {
    private static final int LEAST = 2;
    /// Curves that can be told apart.
    private static final int MOST = 10;
    private static final Axis LOSS = Axis.log("training loss", "nats a token");

    /// What a loss can be drawn against: both grow in proportion to tokens.
    private record Cost(String id, String name, Axis axis, BiFunction<Training, Double, Double> at) {}

    private static final List<Cost> COSTS = List.of(
            new Cost("tokens", "tokens", Axis.log("tokens", ""), (_, tokens) -> tokens),
            new Cost("compute", "compute", Axis.log("compute", "FLOPs"),
                    (training, tokens) -> training.flops() * tokens / training.tokens()),
            new Cost("communicated", "communicated", Axis.log("communicated", "bytes"),
                    (training, tokens) -> training.bytes().orElse(0) * tokens / training.tokens()));

    List<Block> blocks() {
        List<Training> first = firstSeeds();
        TreeMap<Double, List<Training>> sizes = new TreeMap<>(Comparator.reverseOrder());
        sizes.putAll(Cells.by(first, Training::N));
        List<Block> blocks = new ArrayList<>();
        sizes.values().stream().filter(own -> own.size() >= LEAST).findFirst().ifPresent(own -> arms(own, blocks));
        List<Training> parallel = first.stream().filter(training -> training.arm().isReference())
                .sorted(Comparator.comparingDouble(Training::N)).toList();
        if (parallel.size() >= LEAST) {
            blocks.add(new Block.Drawing(figure("curves-sizes", "Loss of data parallelism against compute, at each size",
                    "Where a smaller model is lower it is the better use of that much compute.", COSTS.get(1), parallel,
                    training -> Written.quantity(training.N(), ""))));
        }
        return blocks;
    }

    /// Of each cell the training with the first seed, where it has a curve.
    private List<Training> firstSeeds() {
        List<Training> first = new ArrayList<>();
        for (Cell cell : cells.cells()) {
            cells.compared().stream()
                    .filter(training -> training.arm().equals(cell.arm()) && training.N() == cell.N()
                            && training.outerRate().equals(cell.outerRate()) && !training.curve().isEmpty())
                    .min(Comparator.comparingLong(Training::seed)).ifPresent(first::add);
        }
        return first;
    }

    private void arms(List<Training> own, List<Block> blocks) {
        List<Training> some = own.subList(0, Math.min(MOST, own.size()));
        String N = Written.quantity(own.getFirst().N(), "");
        Map<String, Figure> figures = new LinkedHashMap<>();
        for (Cost cost : COSTS) {
            Curves figure = figure("curves-" + cost.id(), "Loss of single trainings against " + cost.name() + ", at " + N + " parameters",
                    "One seed of each arm" + cells.rates() + ", the mean training loss of each stretch of the run at its end"
                            + (cost.id().equals("communicated") ? "; bytes taken to grow evenly with tokens" : "") + ".",
                    cost, some, training -> training.arm().text());
            if (figure.series().size() > 1) {
                figures.put(cost.name(), figure);
            }
        }
        blocks.add(new Block.Choice("Loss against", figures));
    }

    private Curves figure(String id, String title, String text, Cost cost, List<Training> trainings, Function<Training, String> name) {
        List<Series> series = new ArrayList<>();
        for (int hue = 0; hue < trainings.size(); hue++) {
            Training training = trainings.get(hue);
            List<double[]> points = training.curve().stream().map(point -> new double[] {cost.at().apply(training, point[0]), point[1]})
                    .filter(point -> point[0] > 0).toList();
            if (!points.isEmpty()) {
                series.add(new Series(name.apply(training), Series.Mark.LINE, hue, points));
            }
        }
        return new Curves(new Caption("study-" + number + "-" + id, title, text), cost.axis(), LOSS, series);
    }
}
