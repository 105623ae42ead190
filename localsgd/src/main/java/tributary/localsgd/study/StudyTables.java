package tributary.localsgd.study;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tributary.localsgd.laws.Analysis;
import tributary.localsgd.laws.Fit;
import tributary.localsgd.laws.Interval;
import tributary.localsgd.laws.Penalty;
import tributary.localsgd.laws.Point;
import tributary.localsgd.laws.Quantity;

/// What a study says, or says so far, as tables in Markdown: its models, the losses of every family, the gap to data-parallel
/// training with what the laws make of it, the laws, what laws of the smaller sizes say of the largest, and every sweep.
///
/// The same results give the same text.
public final class StudyTables {
    private static final String REFERENCE = "data-parallel";
    private static final int LEAST_SIZES = 3;

    private final Study study;
    private final List<Result> results;
    private final int bootstrap;
    private final Markdown text = new Markdown();
    /// Families of enough sizes for a law, by M, each with what it is called.
    private final Map<String, List<Result>> arms = new LinkedHashMap<>();
    private final Optional<List<Result>> reference;
    private final List<StudyLaws> laws;

    private StudyTables(Study study, List<Result> results, int bootstrap) {
        this.study = study;
        this.results = results;
        this.bootstrap = bootstrap;
        StudyLaws.families(results).forEach((name, members) -> {
            Map<Integer, List<Result>> byReplicas = new TreeMap<>();
            members.forEach(result -> byReplicas.computeIfAbsent(result.replicas(), _ -> new ArrayList<>()).add(result));
            byReplicas.forEach((M, own) -> {
                if (own.stream().map(Result::parameters).distinct().count() >= LEAST_SIZES) {
                    arms.put(name(name, Optional.of(M)), own);
                }
            });
        });
        reference = arms.values().stream().filter(arm -> arm.getFirst().algorithm().equals(REFERENCE)
                && arm.getFirst().tokensPerParameter() == study.trials().getFirst().tokensPerParameter()).findFirst();
        laws = StudyLaws.of(results, bootstrap);
    }

    /// @param results of the study, as many as there are, in the order of its file
    /// @param bootstrap fits to resampled losses, for the intervals
    public static String of(Study study, Collection<Result> results, int bootstrap) {
        StudyTables tables = new StudyTables(study, List.copyOf(results), bootstrap);
        tables.progress();
        tables.models();
        tables.losses();
        tables.gaps();
        tables.gapsByRounds();
        tables.penalties();
        tables.laws();
        tables.heldOut();
        for (Sweep.Axis axis : Sweep.Axis.values()) {
            tables.sweeps(axis);
        }
        return tables.text.toString();
    }

    /// The study's own budget goes without saying.
    private String name(String family, Optional<Integer> M) {
        return family.replace(" tokens-per-parameter " + study.trials().getFirst().tokensPerParameter(), "")
                + M.filter(replicas -> replicas > 1 || family.contains("H=")).map(replicas -> " M=" + replicas).orElse("");
    }

    private void progress() {
        double all = study.trials().stream().mapToDouble(Trial::leastFlops).sum();
        double done = results.stream().mapToDouble(result -> 6.0 * result.parameters() * result.tokens()).sum();
        text.heading("Results of " + results.size() + " of " + study.trials().size() + " trainings");
        text.paragraph("%.1f %% of the compute of the study (6 N D); %s operations, head and attention counted, in %.2f core-hours.",
                100 * done / all, Figures.count(results.stream().mapToDouble(Result::flops).sum()),
                results.stream().mapToDouble(Result::seconds).sum() / 3600);
        text.paragraph("Text: SHA-256 `%s`. Vocabulary: %s. Losses are on validation text, in nats a token.",
                joined(results.stream().map(Result::corpus)), joined(results.stream().map(result -> result.vocabulary() + " tokens")));
        long diverged = results.stream().filter(result -> result.loss().isEmpty()).count();
        if (diverged > 0) {
            text.paragraph("Diverged, and in no table: %d.", diverged);
        }
    }

    private static String joined(Stream<String> words) {
        return words.distinct().collect(Collectors.joining(", "));
    }

    private void models() {
        text.heading("Models");
        text.paragraph(
                "N: parameters without the tables of tokens and positions. Learning rate and batch by the rules of the file; C: operations of"
                        + " one training, where one is done.");
        Map<ModelSize, Trial> models = new LinkedHashMap<>();
        study.trials().stream().filter(trial -> trial.rateTimes() == 1 && trial.batchTimes() == 1)
                .filter(trial -> trial.tokensPerParameter() == study.trials().getFirst().tokensPerParameter())
                .forEach(trial -> models.putIfAbsent(trial.size(), trial));
        List<List<String>> rows = new ArrayList<>();
        models.forEach((size, trial) -> {
            List<Result> own = results.stream().filter(result -> result.parameters() == size.parameters()).toList();
            rows.add(List.of(
                    Long.toString(size.parameters()), size.layers() + " x " + size.width(), Integer.toString(size.heads()),
                    Figures.count(trial.tokens()), Integer.toString(trial.config().steps()), Long.toString(trial.batchTokens()),
                    Double.toString(trial.config().lr()),
                    own.stream().filter(result -> result.tokens() == trial.tokens()).findFirst()
                            .map(result -> String.format(Locale.ROOT, "%.3g", result.flops())).orElse(""),
                    own.size() + " of " + study.trials().stream().filter(other -> other.size().equals(size)).count()));
        });
        text.table(List.of("N", "layers x width", "heads", "tokens D", "steps", "batch, tokens", "learning rate", "C", "trainings"), rows);
    }

    private Set<Long> sizes(Collection<Result> of) {
        return of.stream().map(Result::parameters).collect(Collectors.toCollection(TreeSet::new));
    }

    private void losses() {
        if (arms.isEmpty()) {
            return;
        }
        Set<Long> sizes = sizes(arms.values().stream().flatMap(List::stream).toList());
        text.heading("Loss against size");
        text.paragraph("The mean over seeds, and the lowest to the highest where there are several.");
        List<List<String>> rows = new ArrayList<>();
        arms.forEach((name, own) -> {
            List<String> row = new ArrayList<>(List.of(name));
            for (long size : sizes) {
                row.add(range(own.stream().filter(result -> result.parameters() == size).mapToDouble(result -> result.loss().orElseThrow())
                        .toArray(), "%.4f"));
            }
            rows.add(row);
        });
        text.table(header("", sizes), rows);
    }

    private static List<String> header(String first, Set<Long> sizes) {
        List<String> names = new ArrayList<>(List.of(first));
        sizes.forEach(size -> names.add("N = " + size));
        return names;
    }

    /// `4.1020 (4.0900 to 4.1100)`, empty where there is no value.
    private static String range(double[] values, String format) {
        if (values.length == 0) {
            return "";
        }
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        double sum = 0;
        for (double value : values) {
            low = Math.min(low, value);
            high = Math.max(high, value);
            sum += value;
        }
        String mean = String.format(Locale.ROOT, format, sum / values.length);
        return values.length == 1 ? mean : String.format(Locale.ROOT, "%s (" + format + " to " + format + ")", mean, low, high);
    }

    /// Everything that has the reference's budget, seed by seed.
    private void gaps() {
        if (reference.isEmpty()) {
            return;
        }
        Map<List<Object>, Double> losses = new LinkedHashMap<>();
        reference.get().forEach(result -> losses.put(List.of(result.parameters(), result.settings().get("seed")),
                result.loss().orElseThrow()));
        Set<Long> sizes = sizes(reference.get());
        List<List<String>> rows = new ArrayList<>();
        compared().forEach((name, own) -> {
            List<String> row = new ArrayList<>(List.of(name));
            for (long size : sizes) {
                row.add(range(own.stream().filter(result -> result.parameters() == size)
                        .filter(result -> losses.containsKey(List.of(size, result.settings().get("seed"))))
                        .mapToDouble(result -> 100 * (result.loss().orElseThrow()
                                / losses.get(List.of(size, result.settings().get("seed"))) - 1))
                        .toArray(), "%+.2f"));
            }
            rows.add(row);
        });
        if (!rows.isEmpty()) {
            text.heading("Gap to data-parallel training");
            text.paragraph(
                    "How much higher the loss is than that of data-parallel training with the same size, tokens and seed, in per cent;"
                            + " below zero it is lower.");
            text.table(header("%", sizes), rows);
        }
    }

    private void gapsByRounds() {
        for (GapByRounds table : GapByRounds.of(results)) {
            Set<Integer> replicas = new TreeSet<>();
            table.gaps().values().forEach(byReplicas -> replicas.addAll(byReplicas.keySet()));
            List<String> header = new ArrayList<>(List.of("rounds", "N", "tokens a parameter"));
            replicas.forEach(M -> header.add("M = " + M));
            List<List<String>> rows = new ArrayList<>();
            table.gaps().forEach((place, gaps) -> {
                List<String> row = new ArrayList<>(List.of(Integer.toString(place.rounds()), Long.toString(place.parameters()),
                        Quantity.text(place.tokensPerParameter())));
                replicas.forEach(M -> row.add(
                        range(gaps.getOrDefault(M, List.of()).stream().mapToDouble(gap -> 100 * gap).toArray(), "%+.2f")));
                rows.add(row);
            });
            text.heading("Gap against rounds: " + table.family());
            text.paragraph("The same gap in per cent, in the order of the rounds of a training, whatever its size and budget.");
            text.table(header, rows);
        }
    }

    /// Arms to be compared with the reference.
    private Map<String, List<Result>> compared() {
        Map<String, List<Result>> compared = new LinkedHashMap<>(arms);
        double budget = study.trials().getFirst().tokensPerParameter();
        compared.values().removeIf(own -> own.equals(reference.orElseThrow()) || own.getFirst().tokensPerParameter() != budget);
        return compared;
    }

    private void penalties() {
        if (reference.isEmpty()) {
            return;
        }
        Optional<Fit> standard = power(reference.get());
        List<List<String>> rows = new ArrayList<>();
        compared().forEach((name, own) -> power(own).filter(_ -> standard.isPresent()).ifPresent(fit -> {
            for (Penalty penalty : Penalty.of(fit, standard.get())) {
                rows.add(List.of(name, Quantity.text(penalty.at().get(Quantity.PARAMETERS)), percent(penalty.gap()),
                        written(penalty.effectiveSize()), written(penalty.effectiveCompute()),
                        penalty.parity().isPresent() ? Quantity.text(penalty.parity().getAsDouble()) : "none"));
            }
        }));
        if (!rows.isEmpty()) {
            text.heading("Penalty by the laws");
            text.paragraph("Each way's power law beside that of data-parallel training, at the smallest and the largest size, with 95 %%"
                    + " intervals. Effective size: the share of the parameters with which data-parallel training reaches the same loss; effective"
                    + " compute: its square. The last column: the size at which the two laws meet, if they do within a factor of a thousand.");
            text.table(List.of("", "N", "gap, %", "effective size", "effective compute", "laws meet at"), rows);
        }
    }

    private Optional<Fit> power(List<Result> own) {
        return laws.stream().filter(law -> law.replicas().isPresent() && law.objection().isEmpty())
                .filter(law -> own.equals(arms.get(name(law.family(), law.replicas())))).map(StudyLaws::fit).findFirst();
    }

    private static String percent(Fit.Prediction prediction) {
        return String.format(Locale.ROOT, "%+.1f", 100 * prediction.value()) + prediction.interval()
                .map(found -> String.format(Locale.ROOT, " (%+.1f to %+.1f)", 100 * found.low(), 100 * found.high())).orElse("");
    }

    private static String written(Fit.Prediction prediction) {
        return String.format(Locale.ROOT, "%.2f", prediction.value())
                + prediction.interval().map(found -> String.format(Locale.ROOT, " (%.2f to %.2f)", found.low(), found.high())).orElse("");
    }

    private void laws() {
        if (laws.isEmpty()) {
            return;
        }
        text.heading("Laws");
        text.paragraph("Every seed is a point. Intervals hold 95 %% of the fits to resampled residuals.");
        List<List<String>> rows = new ArrayList<>();
        for (StudyLaws law : laws) {
            rows.add(List.of(name(law.family(), law.replicas()), law.fit().law().formula(),
                    law.objection().orElseGet(() -> coefficients(law.fit())),
                    law.objection().isPresent() ? "" : String.format(Locale.ROOT, "%.4f", law.fit().residual()),
                    Integer.toString(law.fit().points().size())));
        }
        text.table(List.of("", "law", "coefficients", "mean abs log error", "points"), rows);
    }

    private static String coefficients(Fit fit) {
        Map<String, Interval> intervals = fit.intervals();
        return fit.coefficients().entrySet().stream().map(entry -> String.format(Locale.ROOT, "%s %.4g", entry.getKey(), entry.getValue())
                + (intervals.containsKey(entry.getKey()) ? String.format(Locale.ROOT, " (%.4g to %.4g)",
                        intervals.get(entry.getKey()).low(), intervals.get(entry.getKey()).high()) : ""))
                .collect(Collectors.joining(", "));
    }

    private void heldOut() {
        List<List<String>> rows = new ArrayList<>();
        for (StudyLaws law : laws) {
            long largest = law.fit().points().stream().mapToLong(point -> Math.round(point.at().get(Quantity.PARAMETERS))).max()
                    .orElseThrow();
            Map<Double, List<Point>> places = new TreeMap<>();
            List<Point> smaller = new ArrayList<>();
            for (Point point : law.fit().points()) {
                if (point.at().get(Quantity.PARAMETERS) < largest) {
                    smaller.add(point);
                } else {
                    places.computeIfAbsent(point.at().get(Quantity.REPLICAS), _ -> new ArrayList<>()).add(point);
                }
            }
            Fit fit;
            try {
                fit = Fit.of(law.fit().law(), smaller, bootstrap, 1);
            } catch (IllegalArgumentException tooFew) {
                continue;
            }
            long sizes = smaller.stream().map(point -> point.at().get(Quantity.PARAMETERS)).distinct().count();
            places.forEach((M, points) -> {
                Fit.Prediction prediction = fit.predict(points.getFirst().at());
                double measured = points.stream().mapToDouble(Point::value).average().orElseThrow();
                rows.add(List.of(
                        name(law.family(), law.replicas()) + (law.replicas().isPresent() ? "" : ", at M=" + Math.round(M)),
                        Long.toString(largest), Long.toString(sizes),
                        String.format(Locale.ROOT, "%.4f", prediction.value()) + prediction.interval().map(
                                found -> String.format(Locale.ROOT, " (%.4f to %.4f)", found.low(), found.high())).orElse(""),
                        range(points.stream().mapToDouble(Point::value).toArray(), "%.4f"),
                        String.format(Locale.ROOT, "%+.2f", 100 * (measured / prediction.value() - 1))));
            });
        }
        if (!rows.isEmpty()) {
            text.heading("The largest size, predicted from the smaller ones");
            text.paragraph(
                    "Fitted without the largest size, then compared with it. The interval is that of the law, without the noise of one"
                            + " training, and takes the law's form for granted.");
            text.table(List.of("", "N", "smaller sizes", "predicted", "measured", "measured over predicted, %"), rows);
        }
    }

    private void sweeps(Sweep.Axis axis) {
        List<Sweep> sweeps = Sweep.of(axis, results);
        if (sweeps.isEmpty()) {
            return;
        }
        Set<Double> values = new TreeSet<>();
        sweeps.forEach(sweep -> values.addAll(sweep.losses().keySet()));
        boolean optimum = axis == Sweep.Axis.OUTER_RATE || axis == Sweep.Axis.RATE;
        text.heading("Sweeps: " + axis.title());
        text.paragraph("Losses; the lowest of each row in bold%s.",
                optimum ? ". Best: the vertex of the parabola through it and its neighbours, in log2 of the value" : "");
        List<String> names = new ArrayList<>(List.of("", "N"));
        values.forEach(value -> names.add(Quantity.text(value)));
        names.add("seeds");
        if (optimum) {
            names.add("best");
        }
        List<List<String>> rows = new ArrayList<>();
        for (Sweep sweep : sweeps) {
            double lowest = sweep.losses().values().stream().mapToDouble(Double::doubleValue).min().orElseThrow();
            Result first = sweep.first();
            List<String> row = new ArrayList<>(List.of(common(axis, first), Long.toString(first.parameters())));
            for (double value : values) {
                Double loss = sweep.losses().get(value);
                String digits = loss == null ? "" : String.format(Locale.ROOT, "%.4f", loss);
                row.add(loss != null && loss == lowest ? "**" + digits + "**" : digits);
            }
            row.add(Integer.toString(sweep.seeds()));
            if (optimum) {
                row.add(Analysis.best(Quantity.OUTER_LEARNING_RATE, sweep.losses())
                        .map(best -> String.format(Locale.ROOT, "%.2f", best)).orElse("at the end"));
            }
            rows.add(row);
        }
        text.table(names, rows);
    }

    /// What trainings of a sweep have in common, for people.
    private static String common(Sweep.Axis axis, Result result) {
        StringBuilder words = new StringBuilder(result.algorithm());
        if (result.localSteps() > 1 || axis == Sweep.Axis.LOCAL_STEPS) {
            words.append(axis == Sweep.Axis.LOCAL_STEPS ? "" : " H=" + result.localSteps());
        }
        if (result.settings().containsKey("outer-lr")) {
            words.append(" M=").append(result.replicas());
            words.append(axis == Sweep.Axis.OUTER_RATE ? "" : ", outer rate " + result.settings().get("outer-lr"));
        }
        return words + (axis == Sweep.Axis.BUDGET ? "" : ", " + Quantity.text(result.tokensPerParameter()) + " tokens a parameter");
    }
}
