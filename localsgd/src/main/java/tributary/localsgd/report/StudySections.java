package tributary.localsgd.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The sections about a study: what it found, its losses against size with a law for each arm, against rounds, what M, H and the
/// outer rate do to them, single trainings.
///
/// @param number tells it from the other studies of the report
record StudySections(String name, int number, List<Training> trainings) {

    List<Section> sections() {
        List<Section> sections = new ArrayList<>();
        Cells cells = Cells.of(trainings);
        List<Block> overview = new ArrayList<>(List.of(new Block.Facts("", facts())));
        if (!cells.cells().isEmpty()) {
            SizeBlocks size = SizeBlocks.of(number, cells);
            size.verdicts().ifPresent(overview::add);
            add("size", "Size", size.blocks(), sections);
            add("rounds", "Rounds", new RoundBlocks(number, trainings).blocks(), sections);
            add("penalty", "Replicas and local steps", new PenaltyBlocks(number, cells).blocks(), sections);
            add("outer-rates", "Outer learning rate", new OuterRateBlocks(number, cells).blocks(), sections);
            add("curves", "Single trainings", new CurveBlocks(number, cells).blocks(), sections);
        }
        sections.addFirst(new Section("study-" + number, "Study " + name, overview));
        add("trainings", "All trainings", List.of(new Block.Folded(trainings.size() + " lines", table())), sections);
        return sections;
    }

    private void add(String id, String title, List<Block> blocks, List<Section> sections) {
        if (!blocks.isEmpty()) {
            sections.add(new Section("study-" + number + "-" + id + "-section", title, blocks));
        }
    }

    private Map<String, String> facts() {
        long diverged = trainings.stream().filter(training -> training.loss().isEmpty()).count();
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("trainings", trainings.size() - diverged + (diverged == 0 ? "" : ", and " + diverged + " that diverged"));
        facts.put("sizes N",
                distinct(trainings, Training::N).stream().map(N -> Written.quantity(N, "")).collect(Collectors.joining(", ")));
        facts.put("arms", trainings.stream().map(Training::arm).distinct().sorted(Training.Arm.ORDER)
                .map(Training.Arm::text).collect(Collectors.joining(", ")));
        facts.put("tokens a parameter", distinct(trainings, Training::budget).stream().map(budget -> Written.number(budget, 3))
                .collect(Collectors.joining(", ")));
        facts.put("seeds", Integer.toString(distinct(trainings, training -> (double) training.seed()).size()));
        facts.put("compute", Written.quantity(trainings.stream().mapToDouble(Training::flops).sum(), "FLOPs"));
        facts.put("time", Written.seconds(trainings.stream().mapToDouble(training -> training.seconds().orElse(0)).sum())
                + ", trainings beside each other added up");
        return facts;
    }

    private static List<Double> distinct(Collection<Training> trainings, Function<Training, Double> of) {
        return List.copyOf(new TreeSet<>(trainings.stream().map(of).toList()));
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
