package tributary.localsgd.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import tributary.localsgd.figure.Axis;
import tributary.localsgd.figure.Caption;
import tributary.localsgd.figure.Curves;
import tributary.localsgd.figure.Figure;
import tributary.localsgd.figure.Series;
import tributary.localsgd.figure.Shares;
import tributary.localsgd.figure.Spans;
import tributary.localsgd.run.RunSample;
import tributary.localsgd.run.Setting;
import tributary.model.GptConfig;

/// The sections about runs: one for itself, or several beside each other.
record RunSections(List<RunRecord> runs) {
    /// Runs whose bytes or seconds differ by more than this are told apart on a logarithmic axis only.
    private static final double WIDE = 8;
    /// Runs that have room beside each other in a table.
    private static final int COLUMNS = 5;
    /// Faults in a table.
    private static final int FAULTS = 200;
    /// Spans of a timeline in a page.
    private static final int SPANS = 4000;

    private static final Axis LOSS = Axis.linear("loss", "nats a token");

    /// What a loss can be drawn against.
    ///
    /// @param of a measurement; empty where the run does not have it
    private record Cost(String id, String name, String unit, String text, BiFunction<RunRecord, Measurement, OptionalDouble> of) {}

    private static final List<Cost> COSTS = List.of(
            new Cost("tokens", "tokens", "", "Tokens trained on, over all replicas.",
                    (_, measurement) -> OptionalDouble.of(measurement.tokens())),
            new Cost("compute", "compute", "FLOPs", "Floating-point operations of training, 6 (N without the position table) + 6 L T C a "
                    + "token: N parameters, L layers, T context, C width.",
                    (run, measurement) -> run.shape().isEmpty() ? OptionalDouble.empty()
                            : OptionalDouble.of((double) run.shape().get().trainingFlopsPerToken() * measurement.tokens())),
            new Cost("bytes", "communicated", "bytes", "Bytes between replicas, in both directions, over all of them.",
                    (_, measurement) -> OptionalDouble.of(measurement.bytes())),
            new Cost("virtual-time", "virtual time", "s", "Time as it would pass on the virtual cluster.",
                    (_, measurement) -> measurement.virtualSeconds()),
            new Cost("time", "time", "s", "Time as it passed on this machine.",
                    (_, measurement) -> OptionalDouble.of(measurement.elapsedSeconds())));

    List<Section> sections() {
        List<Section> sections = new ArrayList<>();
        sections.add(overview());
        sections.add(loss());
        sections.add(speed());
        faults().ifPresent(sections::add);
        workers().ifPresent(sections::add);
        samples().ifPresent(sections::add);
        sections.add(settings());
        return sections;
    }

    private boolean alone() {
        return runs.size() == 1;
    }

    private Section overview() {
        if (alone()) {
            return new Section("overview", "Overview", List.of(new Block.Facts("", facts(runs.getFirst()))));
        }
        Set<String> names = new LinkedHashSet<>();
        runs.forEach(run -> names.addAll(facts(run).keySet()));
        return new Section("overview", "Overview", List.of(beside("", "run", names, RunSections::facts, true)));
    }

    /// A table of what runs have by name: a column a run, or, where these are many, a row.
    private Block.Grid beside(
            String title, String corner, Collection<String> names, Function<RunRecord, Map<String, String>> of, boolean numbers) {
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of(corner));
        if (runs.size() <= COLUMNS) {
            runs.forEach(run -> head.add(run.name()));
            for (String name : names) {
                List<String> row = new ArrayList<>(List.of(name));
                runs.forEach(run -> row.add(of.apply(run).getOrDefault(name, "–")));
                rows.add(row);
            }
        } else {
            head.addAll(names);
            for (RunRecord run : runs) {
                List<String> row = new ArrayList<>(List.of(run.name()));
                names.forEach(name -> row.add(of.apply(run).getOrDefault(name, "–")));
                rows.add(row);
            }
        }
        return new Block.Grid(title, head, rows, numbers);
    }

    private static Map<String, String> facts(RunRecord run) {
        Measurement last = run.last();
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("algorithm", Setting.label(run.config().algorithm()));
        facts.put("replicas", Integer.toString(run.config().replicas()));
        run.lastValidated().ifPresent(measurement -> facts.put("validation loss", Written.loss(measurement.valLoss().orElseThrow())));
        facts.put("training loss", Written.loss(last.trainLoss()));
        facts.put("steps", last.step() == run.config().steps() ? Written.count(last.step())
                : Written.count(last.step()) + " of " + Written.count(run.config().steps()));
        facts.put("tokens", Written.quantity(last.tokens(), ""));
        run.shape().ifPresent(shape -> {
            facts.put("parameters", Written.quantity(RunRecord.parameters(shape), ""));
            facts.put("non-embedding", Written.quantity(RunRecord.nonEmbedding(shape), ""));
            facts.put("compute", Written.quantity((double) shape.trainingFlopsPerToken() * last.tokens(), "FLOPs"));
        });
        facts.put("communicated", Written.quantity(last.bytes(), "B"));
        last.virtualSeconds().ifPresent(seconds -> facts.put("virtual time", Written.seconds(seconds)));
        facts.put("time", Written.seconds(last.elapsedSeconds()));
        return facts;
    }

    private Section loss() {
        List<Block> blocks = new ArrayList<>();
        Map<String, Figure> against = new LinkedHashMap<>();
        for (Cost cost : COSTS) {
            List<Series> series = lossSeries(cost);
            if (!series.isEmpty()) {
                against.put(cost.name(), new Curves(
                        new Caption("loss-" + cost.id(), "Loss against " + cost.name(), cost.text() + " " + which()), axis(cost), LOSS,
                        series));
            }
        }
        blocks.add(new Block.Choice("Loss against", against));
        if (!alone()) {
            blocks.add(new Block.Drawing(new Curves(
                    new Caption("training-loss", "Training loss", "Of single batches, so that it jumps."),
                    Axis.linear("tokens", ""), LOSS, curves(COSTS.getFirst(), Series.Mark.LINE, run -> run.measurements(),
                            measurement -> OptionalDouble.of(measurement.trainLoss())))));
        }
        return new Section("loss", "Loss", blocks);
    }

    private String which() {
        return alone() ? "On validation data where it was evaluated, and, thin, on the training batches."
                : "On validation data; the last value is over the whole validation split, those before over a part.";
    }

    private List<Series> lossSeries(Cost cost) {
        List<Series> series = curves(cost, Series.Mark.LINE_AND_POINTS, run -> run.measurements(), Measurement::valLoss);
        if (!alone()) {
            return series;
        }
        List<Series> both = new ArrayList<>();
        series.forEach(one -> both.add(new Series("validation", one.mark(), 0, one.points())));
        curves(cost, Series.Mark.FAINT, run -> run.measurements(), measurement -> OptionalDouble.of(measurement.trainLoss()))
                .forEach(one -> both.add(new Series("training", one.mark(), 1, one.points())));
        return both;
    }

    /// A line for each run that has something to show; a run keeps its hue in every figure.
    private List<Series> curves(
            Cost cost, Series.Mark mark, Function<RunRecord, List<Measurement>> measurements,
            Function<Measurement, OptionalDouble> value) {
        List<Series> series = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            RunRecord run = runs.get(i);
            List<double[]> points = new ArrayList<>();
            for (Measurement measurement : measurements.apply(run)) {
                OptionalDouble x = cost.of().apply(run, measurement);
                OptionalDouble y = value.apply(measurement);
                if (x.isPresent() && y.isPresent()) {
                    points.add(new double[] {x.getAsDouble(), y.getAsDouble()});
                }
            }
            if (!points.isEmpty()) {
                series.add(new Series(run.name(), mark, i, points));
            }
        }
        return series;
    }

    private Axis axis(Cost cost) {
        double[] ends = runs.stream()
                .map(run -> cost.of().apply(run, run.last()))
                .filter(OptionalDouble::isPresent)
                .mapToDouble(OptionalDouble::getAsDouble)
                .filter(end -> end > 0)
                .sorted()
                .toArray();
        boolean wide = ends.length > 1 && ends[ends.length - 1] > WIDE * ends[0];
        return new Axis(cost.name(), cost.unit(), wide ? Axis.Scale.LOG : Axis.Scale.LINEAR);
    }

    private Section speed() {
        Cost tokens = COSTS.getFirst();
        Axis axis = Axis.linear(tokens.name(), tokens.unit());
        return new Section("speed", "Speed and learning rate", List.of(
                new Block.Drawing(new Curves(
                        new Caption("throughput", "Throughput", "Between two lines of the metrics, evaluation and checkpoints left out. "
                                + "The first line holds the start, and is left out."),
                        axis, Axis.linear("tokens a second", ""),
                        curves(tokens, Series.Mark.LINE, run -> run.measurements().subList(1, run.measurements().size()),
                                measurement -> OptionalDouble.of(measurement.tokensPerSecond())))),
                new Block.Drawing(new Curves(
                        new Caption("learning-rate", "Learning rate", "Of the inner optimizer."),
                        axis, Axis.linear("learning rate", ""),
                        curves(tokens, Series.Mark.LINE, run -> run.measurements(),
                                measurement -> OptionalDouble.of(measurement.lr()))))));
    }

    /// Replicas that were dropped from rounds, and rounds that were rolled back; what fails on a virtual cluster stands with
    /// its workers.
    private Optional<Section> faults() {
        List<Block> blocks = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            RunRecord run = runs.get(i);
            Map<String, List<double[]>> kinds = new TreeMap<>();
            List<List<String>> rows = new ArrayList<>();
            for (Measurement measurement : run.measurements()) {
                for (Measurement.Drop drop : measurement.drops()) {
                    kinds.computeIfAbsent(drop.kind(), _ -> new ArrayList<>()).add(new double[] {measurement.step(), drop.replica()});
                    rows.add(List.of(Long.toString(measurement.step()), Integer.toString(drop.replica()), drop.kind(), drop.reason()));
                }
            }
            for (RunRecord.Rollback rollback : run.rollbacks()) {
                rows.add(List.of(Long.toString(rollback.step()), "all", "rolled back", rollback.reason()));
            }
            if (rows.isEmpty()) {
                continue;
            }
            List<Series> series = new ArrayList<>();
            kinds.forEach((kind, points) -> series.add(new Series(kind, Series.Mark.POINTS, series.size(), points)));
            if (!run.rollbacks().isEmpty()) {
                int last = run.config().replicas() - 1;
                series.add(new Series("rolled back to", Series.Mark.WHISKERS, series.size(),
                        run.rollbacks().stream().map(rollback -> new double[] {rollback.step(), 0, last}).toList()));
            }
            String of = alone() ? "" : run.name() + ": ";
            blocks.add(new Block.Drawing(new Curves(
                    new Caption("faults-" + (i + 1), of + (alone() ? "F" : "f") + "aults of replicas",
                            "A replica that was dropped from a round, at the step that ended it: the others merged without it, and it began "
                                    + "the next round from the global parameters. A round that too few were left for was rolled back to its "
                                    + "beginning, a stroke over all replicas. The first replica is 0."),
                    Axis.linear("steps", ""), Axis.linear("replica", ""), series)));
            blocks.add(new Block.Folded(rows.size() == 1 ? "1 fault" : rows.size() + " faults",
                    new Block.Grid("", List.of("step", "replica", "kind", "reason"),
                            rows.subList(0, Math.min(FAULTS, rows.size())), false)));
        }
        return blocks.isEmpty() ? Optional.empty() : Optional.of(new Section("faults", "Faults", blocks));
    }

    private Optional<Section> workers() {
        List<Block> blocks = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            RunRecord run = runs.get(i);
            if (run.trace().isPresent()) {
                WorkerTrace trace = run.trace().get();
                String of = alone() ? "" : run.name() + ": ";
                blocks.add(new Block.Drawing(new Shares(
                        new Caption("worker-shares-" + (i + 1), of + (alone() ? "W" : "w") + "here the workers' time went",
                                "Virtual seconds of each worker."
                                        + (trace.leftOut() == 0 ? "" : " The run kept no more than its first "
                                                + Written.count(trace.spans().size()) + " spans; they are counted here.")),
                        trace.workers(), trace.parts(), Axis.linear("virtual time", "s"), trace.sums())));
                failures(of, trace).ifPresent(blocks::add);
                List<Spans.Span> all = trace.inLanes();
                List<Spans.Span> shown = all.subList(0, Math.min(SPANS, all.size()));
                blocks.add(new Block.Drawing(new Spans(
                        new Caption("timeline-" + (i + 1), of + (alone() ? "W" : "w") + "hat the workers did when",
                                shown.size() == all.size()
                                        ? "The bar below moves through the run."
                                        : "The first " + Written.count(shown.size()) + " spans of " + Written.count(all.size())
                                                + "; timeline.json in the run's folder has the others. The bar below moves through them."),
                        trace.lanes(), trace.parts(), Axis.linear("virtual time", "s"), shown)));
            }
        }
        return blocks.isEmpty() ? Optional.empty() : Optional.of(new Section("workers", "Workers", blocks));
    }

    /// What failures cost, worker by worker; empty where none failed.
    private Optional<Block> failures(String of, WorkerTrace trace) {
        int lost = trace.parts().indexOf("lost");
        int down = trace.parts().indexOf("down");
        List<List<String>> rows = new ArrayList<>();
        for (int worker = 0; worker < trace.workers().size(); worker++) {
            int row = worker;
            long failures = trace.spans().stream().filter(span -> span.row() == row && span.part() == down).count();
            if (failures > 0 || lost >= 0 && trace.sums()[worker][lost] > 0) {
                rows.add(List.of(trace.workers().get(worker), Long.toString(failures),
                        lost < 0 ? "–" : Written.seconds(trace.sums()[worker][lost]),
                        down < 0 ? "–" : Written.seconds(trace.sums()[worker][down])));
            }
        }
        return rows.isEmpty() ? Optional.empty()
                : Optional.of(new Block.Grid(of + (alone() ? "F" : "f") + "ailures on the virtual cluster",
                        List.of("worker", "times down", "work lost", "down"), rows, true));
    }

    private Optional<Section> samples() {
        List<Block> blocks = new ArrayList<>();
        for (RunRecord run : runs) {
            run.sample().ifPresent(text -> blocks.add(new Block.Excerpt(alone() ? "" : run.name(), text)));
        }
        if (blocks.isEmpty()) {
            return Optional.empty();
        }
        blocks.addFirst(new Block.Prose("Written by the newest model, at temperature " + RunSample.TEMPERATURE + "."));
        return Optional.of(new Section("samples", alone() ? "Sample" : "Samples", blocks));
    }

    private Section settings() {
        List<Block> blocks = new ArrayList<>();
        if (alone()) {
            blocks.add(new Block.Facts("", allSettings(runs.getFirst())));
        } else {
            blocks.add(differences());
            runs.forEach(run -> blocks.add(new Block.Folded("All settings of " + run.name(), new Block.Facts("", allSettings(run)))));
        }
        return new Section("settings", "Settings", blocks);
    }

    private static Map<String, String> allSettings(RunRecord run) {
        Map<String, String> settings = new LinkedHashMap<>(run.config().settings());
        run.shape().map(GptConfig::vocabulary).ifPresent(size -> settings.put("vocabulary", Integer.toString(size)));
        return settings;
    }

    private Block differences() {
        Set<String> names = new LinkedHashSet<>();
        runs.forEach(run -> names.addAll(allSettings(run).keySet()));
        names.removeIf(name -> runs.stream().map(run -> allSettings(run).getOrDefault(name, "")).distinct().count() == 1);
        return names.isEmpty() ? new Block.Prose("The settings are the same.")
                : beside("What differs", "", names, RunSections::allSettings, false);
    }
}
