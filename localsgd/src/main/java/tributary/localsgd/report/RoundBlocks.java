package tributary.localsgd.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tributary.localsgd.figure.Axis;
import tributary.localsgd.figure.Caption;
import tributary.localsgd.figure.Curves;
import tributary.localsgd.figure.Series;
import tributary.localsgd.report.Training.Arm;

/// Whether it is the size of a model that matters, or how often its replicas have met by the end of a training: the gap to data
/// parallelism against rounds, at all sizes and budgets. With tokens in proportion to parameters alone the two go together.
///
/// @param number of the study in the report
/// @param trainings of all budgets
record RoundBlocks(int number, List<Training> trainings) {

    /// @param rounds steps over H
    /// @param gap in per cent
    private record Place(double budget, double rounds, double gap) {}

    /// Empty where there is one budget.
    List<Block> blocks() {
        Map<Arm, List<Place>> places = new TreeMap<>(Arm.ORDER);
        Cells.by(trainings, Training::budget).values().forEach(alike -> add(Cells.of(alike), places));
        Set<Integer> localSteps = places.entrySet().stream()
                .filter(entry -> entry.getValue().stream().map(Place::budget).distinct().count() > 1)
                .map(entry -> entry.getKey().H()).collect(Collectors.toSet());
        places.keySet().removeIf(arm -> !localSteps.contains(arm.H()));
        List<Series> series = new ArrayList<>();
        places.forEach((arm, own) -> series.add(new Series(arm.text(), Series.Mark.LINE_AND_POINTS, series.size() + 1, own.stream()
                .sorted(Comparator.comparingDouble(Place::rounds)).map(place -> new double[] {place.rounds, place.gap}).toList())));
        boolean positive = series.stream().flatMap(one -> one.points().stream()).allMatch(point -> point[1] > 0);
        return series.isEmpty() ? List.of() : List.of(new Block.Drawing(new Curves(
                new Caption("study-" + number + "-gap-rounds", "Gap to data parallelism, against rounds",
                        "How much higher the loss is than data parallelism's with the same parameters, tokens and compute, against how"
                                + " often the replicas of a training meet: a point a size and budget. Where points of different sizes lie on one"
                                + " line, it is the rounds that count."),
                Axis.log("rounds of a training", ""), positive ? Axis.log("gap in loss", "%") : Axis.linear("gap in loss", "%"), series)));
    }

    private static void add(Cells cells, Map<Arm, List<Place>> places) {
        for (Cell cell : cells.cells()) {
            if (cell.arm().H() > 1) {
                cells.reference(cell.N()).ifPresent(reference -> cells.compared().stream()
                        .filter(training -> training.arm().equals(cell.arm()) && training.N() == cell.N()).findFirst()
                        .filter(training -> training.batchTokens().isPresent())
                        .ifPresent(training -> places.computeIfAbsent(cell.arm(), _ -> new ArrayList<>()).add(new Place(cells.budget(),
                                training.tokens() / training.batchTokens().getAsDouble() / training.H(), cell.gap(reference)))));
            }
        }
    }
}
