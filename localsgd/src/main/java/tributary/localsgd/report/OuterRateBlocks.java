package tributary.localsgd.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import tributary.localsgd.figure.Axis;
import tributary.localsgd.figure.Caption;
import tributary.localsgd.figure.Curves;
import tributary.localsgd.figure.Figure;
import tributary.localsgd.figure.HeatMap;
import tributary.localsgd.figure.Series;
import tributary.localsgd.laws.Analysis;
import tributary.localsgd.laws.Point;
import tributary.localsgd.laws.Quantity;
import tributary.localsgd.report.Cells.Family;
import tributary.localsgd.report.Training.Arm;

/// What the outer learning rate does, where it was swept, and which is the best for M and H.
///
/// @param number of the study in the report
record OuterRateBlocks(int number, Cells cells) {
    private static final int LEAST_RATES = 3;
    private static final int RESAMPLES = 300;

    /// Trainings that differ in their outer rates, the mean over seeds that all of them have.
    private record Sweep(Arm arm, double N, double tokens, List<Cell> rates) {

        Cell best() {
            return rates.stream().min(Comparator.comparingDouble(Cell::loss)).orElseThrow();
        }

        boolean endsAtBest() {
            return best() == rates.getFirst() || best() == rates.getLast();
        }
    }

    List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        Map<Family, List<Sweep>> families = Cells.by(sweeps(), sweep -> Family.of(sweep.arm()));
        families.forEach((family, sweeps) -> {
            losses(family, sweeps, blocks);
            maps(family, sweeps, blocks);
            law(family, sweeps, blocks);
        });
        return blocks;
    }

    private List<Sweep> sweeps() {
        List<Sweep> sweeps = new ArrayList<>();
        List<Training> swept = cells.compared().stream().filter(training -> training.outerRate().isPresent()).toList();
        Cells.by(swept, Training::arm).forEach((arm, own) -> Cells.by(own, Training::N).forEach((N, all) -> {
            List<Cell> rates = Cell.alike(Cells.by(all, Training::outerRate).values().stream().map(Cell::of)
                    .sorted(Comparator.comparingDouble(cell -> cell.outerRate().orElseThrow())).toList());
            if (rates.size() >= LEAST_RATES) {
                sweeps.add(new Sweep(arm, N, all.getFirst().tokens(), rates));
            }
        }));
        return sweeps;
    }

    private static String place(Sweep sweep) {
        return "M=" + sweep.arm().M() + " H=" + sweep.arm().H() + " N=" + Written.quantity(sweep.N(), "");
    }

    private void losses(Family family, List<Sweep> sweeps, List<Block> blocks) {
        List<Series> series = new ArrayList<>();
        for (Sweep sweep : sweeps) {
            series.add(new Series(place(sweep), Series.Mark.LINE_AND_POINTS, series.size(),
                    sweep.rates().stream().map(cell -> new double[] {cell.outerRate().orElseThrow(), cell.loss()}).toList()));
        }
        blocks.add(new Block.Drawing(new Curves(
                new Caption("study-" + number + "-outer-rate-" + family.id(),
                        "Loss of " + family.text() + " against the outer learning rate",
                        "Mean over the seeds that all points of a line have."),
                Axis.log("outer learning rate", ""), Axis.linear("validation loss", "nats a token"), series)));
    }

    private void maps(Family family, List<Sweep> sweeps, List<Block> blocks) {
        Map<String, Figure> maps = new LinkedHashMap<>();
        Cells.by(sweeps, Sweep::N).forEach((N, own) -> {
            if (own.size() < 2) {
                return;
            }
            List<Integer> Ms = List.copyOf(new TreeSet<>(own.stream().map(sweep -> sweep.arm().M()).toList()));
            List<Integer> Hs = List.copyOf(new TreeSet<>(own.stream().map(sweep -> sweep.arm().H()).toList()));
            List<List<Optional<HeatMap.Cell>>> rows = Hs.stream().map(H -> Ms.stream().map(M -> own.stream()
                    .filter(sweep -> sweep.arm().M() == M && sweep.arm().H() == H).findFirst()
                    .map(sweep -> HeatMap.Cell.of(sweep.best().outerRate().orElseThrow()))).toList()).toList();
            List<String> ends = own.stream().filter(Sweep::endsAtBest).map(OuterRateBlocks::place).toList();
            maps.put(Written.quantity(N, ""), new HeatMap(
                    new Caption("study-" + number + "-best-outer-rate-" + family.id() + "-" + Math.round(N),
                            "Best outer learning rate of " + family.text() + " at " + Written.quantity(N, "") + " parameters",
                            "The one of the sweep with the lowest loss." + (ends.isEmpty() ? ""
                                    : " At an end of the sweep, so that the best may lie beyond: " + String.join(", ", ends) + ".")),
                    "replicas M", Ms.stream().map(String::valueOf).toList(), "local steps H", Hs.stream().map(String::valueOf).toList(),
                    Axis.linear("outer learning rate", ""), rows, false));
        });
        if (!maps.isEmpty()) {
            blocks.add(maps.size() == 1 ? new Block.Drawing(maps.values().iterator().next())
                    : new Block.Choice("Parameters", maps));
        }
    }

    private static void law(Family family, List<Sweep> sweeps, List<Block> blocks) {
        List<Point> points = sweeps.stream().flatMap(sweep -> sweep.rates().stream().map(cell -> {
            Map<Quantity, Double> at = new EnumMap<>(Asked.at(sweep.N(), sweep.arm().M(), sweep.arm().H()));
            at.put(Quantity.TOKENS, sweep.tokens());
            at.put(Quantity.OUTER_LEARNING_RATE, cell.outerRate().orElseThrow());
            return new Point(at, cell.loss());
        })).toList();
        String law = "Best outer rate eta = A M^alpha H^beta of " + family.text();
        try {
            Analysis.Outcome outcome = Analysis.named("outer-learning-rate").orElseThrow().fit(points, RESAMPLES, 1);
            blocks.add(outcome.objection().<Block>map(why -> new Block.Prose("The best rates do not carry a law in M and H: " + why + "."))
                    .orElseGet(() -> Asked.table(law, outcome.fits().getFirst())));
        } catch (IllegalArgumentException tooFew) {
            blocks.add(new Block.Prose("The sweeps do not carry a law of the best rate in M and H: " + tooFew.getMessage() + "."));
        }
    }
}
