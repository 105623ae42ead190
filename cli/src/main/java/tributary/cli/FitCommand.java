package tributary.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tributary.localsgd.laws.Chinchilla;
import tributary.localsgd.laws.Fit;
import tributary.localsgd.laws.Interval;
import tributary.localsgd.laws.Law;
import tributary.localsgd.laws.Point;
import tributary.localsgd.laws.PointsFile;
import tributary.localsgd.laws.Quantity;

/// Fits a scaling law to measured points, with intervals, or says why the points do not carry it.
@Command(
        name = "fit",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Fits a scaling law to the losses in a CSV file.",
            "Columns: loss, and those the law depends on, among parameters (non-embedding), tokens, replicas, local_steps; any others, "
                    + "such as algorithm, are there to choose by."
        },
        optionListHeading = "%nOptions:%n")
final class FitCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "FILE.csv", arity = "1")
    private @Nullable Path file;

    @Option(names = "--law", required = true, completionCandidates = LawNames.class, description = "${COMPLETION-CANDIDATES}")
    private String law = "";

    @Option(names = "--where", paramLabel = "COLUMN=VALUE", description = "only lines with this value; may be given several times")
    private Map<String, String> where = new LinkedHashMap<>();

    @Option(names = "--at", paramLabel = "COLUMN=VALUE", split = ",",
            description = "predict the loss there, such as parameters=4e9,replicas=2")
    private Map<String, Double> at = new LinkedHashMap<>();

    @Option(names = "--bootstrap", paramLabel = "INT",
            description = "fits to resampled losses, for the intervals; 0 for none [${DEFAULT-VALUE}]")
    private int bootstrap = 1000;

    @Option(names = "--seed", paramLabel = "INT", description = "of the starts of the search and of the bootstrap [${DEFAULT-VALUE}]")
    private long seed = 1;

    @Option(names = "--json", description = "print one JSON object")
    private boolean json;

    /// The names, for the help and the completion.
    private static final class LawNames extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        LawNames() {
            super(Law.all().stream().map(Law::name).toList());
        }
    }

    @Override
    public Integer call() throws IOException {
        if (bootstrap < 0) {
            throw new IllegalArgumentException("bootstrap " + bootstrap + " is negative; use 0 or more");
        }
        Law chosen = Law.named(law).orElseThrow(
                () -> new IllegalArgumentException("law '" + law + "' is not known; use " + String.join(", ", new LawNames())));
        Map<Quantity, Double> place = place(chosen);
        PointsFile table = PointsFile.read(Objects.requireNonNull(file));
        List<Point> points = table.points(chosen, where);
        Fit fit = fit(chosen, points);
        Optional<String> objection = fit.objection();
        if (objection.isPresent()) {
            throw refusal(fit, objection.get());
        }
        Optional<Fit.Prediction> prediction = at.isEmpty() ? Optional.empty() : Optional.of(fit.predict(place));
        Map<String, List<String>> mixed = mixed(table, chosen);
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (json) {
            out.println(toJson(fit, prediction, mixed));
        } else {
            print(fit, prediction, mixed, out);
        }
        return CommandLine.ExitCode.OK;
    }

    private Fit fit(Law chosen, List<Point> points) {
        try {
            return Fit.of(chosen, points, bootstrap, seed);
        } catch (IllegalArgumentException unfit) {
            throw new IllegalArgumentException(file + ": " + unfit.getMessage(), unfit);
        }
    }

    private IllegalStateException refusal(Fit fit, String objection) {
        CommandLine commandLine = Objects.requireNonNull(spec).commandLine();
        if (json) {
            ObjectNode object = JsonMapper.shared().createObjectNode();
            object.put("law", law).put("points", fit.points().size()).put("supported", false).put("objection", objection);
            commandLine.getOut().println(object);
        }
        return new IllegalStateException(
                file + ": these " + fit.points().size() + " points cannot support the law " + law + ": " + objection);
    }

    /// Where to predict.
    private Map<Quantity, Double> place(Law chosen) {
        List<Quantity> known = new ArrayList<>(chosen.quantities());
        chosen.quantities().forEach(quantity -> known.addAll(quantity.origins()));
        Map<Quantity, Double> place = new EnumMap<>(Quantity.class);
        for (Map.Entry<String, Double> given : at.entrySet()) {
            Quantity quantity = Quantity.of(given.getKey()).filter(known::contains).orElseThrow(() -> new IllegalArgumentException(
                    "at " + given.getKey() + " means nothing to " + chosen.name() + "; use "
                            + known.stream().map(Quantity::column).collect(Collectors.joining(", "))));
            if (!(given.getValue() > 0 && Double.isFinite(given.getValue()))) {
                throw new IllegalArgumentException("at " + given.getKey() + "=" + given.getValue() + " is not a positive number");
            }
            place.put(quantity, given.getValue());
        }
        return place;
    }

    /// What differs among the points although the law does not know of it.
    private Map<String, List<String>> mixed(PointsFile table, Law chosen) throws IOException {
        Map<String, List<String>> mixed = new LinkedHashMap<>();
        List<String> columns = new ArrayList<>(List.of("algorithm", Quantity.REPLICAS.column(), Quantity.LOCAL_STEPS.column()));
        columns.removeAll(chosen.quantities().stream().map(Quantity::column).toList());
        for (String column : columns) {
            List<String> values = table.values(column, where);
            if (values.size() > 1) {
                mixed.put(column, values);
            }
        }
        return mixed;
    }

    private void print(Fit fit, Optional<Fit.Prediction> prediction, Map<String, List<String>> mixed, PrintWriter out) {
        Table table = new Table();
        Map<String, Interval> intervals = fit.intervals();
        table.row("law", "%s   (%s)", fit.law().formula(), fit.law().source());
        fit.coefficients()
                .forEach((letter, value) -> table.row(letter, "%.6g%s", value, range(Optional.ofNullable(intervals.get(letter)))));
        table.row("points", "%d", fit.points().size());
        table.row("residual", "%.3g mean |log error|", fit.residual());
        fit.largestHeldOut(seed)
                .ifPresent(held -> table.row("held out", "%.3g mean |log error| at %s %.3g, predicted from the smaller ones",
                        held.residual(), fit.law().quantities().getFirst().column(), held.size()));
        fit.effectiveSize().forEach((quantity, exponent) -> table.row("effective size", "N x %s^%.3f", quantity.column(), exponent));
        if (fit.law() instanceof Chinchilla) {
            Chinchilla.BestSize best = Chinchilla.bestSize(fit.coefficients());
            table.row("best size", "N = %.4g (C / 6)^%.3f", best.factor(), best.exponent());
        }
        prediction.ifPresent(found -> table.row("predicted", "%.4f%s", found.value(), range(found.interval())));
        mixed.forEach((column, values) -> table.row("mixed", "%s %s: one law through all; --where %s=%s chooses",
                column, String.join(", ", values), column, values.getFirst()));
        table.print(out);
    }

    private static String range(Optional<Interval> interval) {
        return interval.map(found -> String.format(Locale.ROOT, "   %.6g to %.6g (95 %%)", found.low(), found.high())).orElse("");
    }

    private ObjectNode toJson(Fit fit, Optional<Fit.Prediction> prediction, Map<String, List<String>> mixed) {
        ObjectNode object = JsonMapper.shared().createObjectNode();
        object.put("law", law).put("formula", fit.law().formula()).put("source", fit.law().source());
        ObjectNode coefficients = object.putObject("coefficients");
        fit.coefficients().forEach(coefficients::put);
        ObjectNode intervals = object.putObject("intervals");
        fit.intervals().forEach((letter, interval) -> intervals.putArray(letter).add(interval.low()).add(interval.high()));
        object.put("residual", fit.residual()).put("points", fit.points().size()).put("supported", true);
        double[] errors = fit.logErrors();
        for (int i = 0; i < errors.length; i++) {
            ObjectNode node = object.withArray("residuals").addObject();
            Point point = fit.points().get(i);
            fit.law().quantities().forEach(quantity -> node.put(quantity.column(), quantity.in(point.at()).orElseThrow()));
            node.put("loss", point.value()).put("log_error", errors[i]);
        }
        fit.largestHeldOut(seed).ifPresent(held -> object.putObject("held_out")
                .put(fit.law().quantities().getFirst().column(), held.size())
                .put("points", held.points())
                .put("residual", held.residual()));
        if (!fit.effectiveSize().isEmpty()) {
            ObjectNode exponents = object.putObject("effective_size_exponents");
            fit.effectiveSize().forEach((quantity, exponent) -> exponents.put(quantity.column(), exponent));
        }
        if (fit.law() instanceof Chinchilla) {
            Chinchilla.BestSize best = Chinchilla.bestSize(fit.coefficients());
            object.putObject("best_size").put("factor", best.factor()).put("exponent", best.exponent());
        }
        prediction.ifPresent(found -> {
            ObjectNode node = object.putObject("predicted");
            at.forEach(node::put);
            node.put("loss", found.value());
            found.interval().ifPresent(interval -> node.putArray("interval").add(interval.low()).add(interval.high()));
        });
        ObjectNode differing = object.putObject("mixed");
        mixed.forEach((column, values) -> values.forEach(differing.putArray(column)::add));
        return object;
    }
}
