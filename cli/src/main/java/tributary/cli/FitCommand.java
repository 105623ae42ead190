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
import tributary.localsgd.laws.Analysis;
import tributary.localsgd.laws.Fit;
import tributary.localsgd.laws.Penalty;
import tributary.localsgd.laws.Point;
import tributary.localsgd.laws.PointsFile;
import tributary.localsgd.laws.Power;
import tributary.localsgd.laws.Quantity;

/// Fits a scaling law to measured points, with intervals, or says why the points do not carry it.
@Command(
        name = "fit",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Fits a scaling law to the losses in a file: CSV with a line of column names, or JSON objects, one a line (.jsonl).",
            "Columns: loss, and those the law is about, among parameters (non-embedding), tokens, flops (else 6 x parameters x tokens), "
                    + "replicas, local_steps, learning_rate, outer_learning_rate, batch_tokens; any others, such as algorithm, are there "
                    + "to choose by.",
            "Each line is a point. Laws of the best learning rate, batch or size take the best of each sweep, after the mean over seeds."
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:a law, with its coefficients", "1:the points cannot support the law: no coefficients", "2:a request or a file "
                + "that makes no sense"})
final class FitCommand implements Callable<Integer> {
    private static final String BUDGET = "tokens_per_parameter";
    private static final List<String> SWEPT = List.of("learning_rate_times", "batch_times");
    /// Columns in which all points should agree, where the law does not know of them.
    private static final List<String> SETTINGS = List.of("algorithm", "replicas", "local_steps", "outer_learning_rate", "corpus",
            "vocabulary", BUDGET,
            SWEPT.getFirst(), SWEPT.getLast());

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "FILE", arity = "1", description = "or a folder with results.jsonl, as a study leaves it")
    private @Nullable Path file;

    @Option(names = "--law", required = true, completionCandidates = LawNames.class, description = "${COMPLETION-CANDIDATES}")
    private String law = "";

    @Option(names = "--where", paramLabel = "COLUMN=VALUE", description = "only lines with this value; may be given several times")
    private Map<String, String> where = new LinkedHashMap<>();

    @Option(names = "--mean-seeds", description = "one point in place of lines that differ in their losses alone, at the mean")
    private boolean meanSeeds;

    @Option(names = "--at", paramLabel = "COLUMN=VALUE", split = ",",
            description = "predict there, such as parameters=4e9,replicas=2")
    private Map<String, Double> at = new LinkedHashMap<>();

    @Option(names = "--against", paramLabel = "COLUMN=VALUE",
            description = "the penalty against the power law of the lines with this value, such as algorithm=data-parallel")
    private Map<String, String> against = new LinkedHashMap<>();

    @Option(names = "--residuals", description = "each point and how far from the law it is")
    private boolean residuals;

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
            super(Analysis.all().stream().map(Analysis::name).toList());
        }
    }

    @Override
    public Integer call() throws IOException {
        if (bootstrap < 0) {
            throw new IllegalArgumentException("bootstrap " + bootstrap + " is negative; use 0 or more");
        }
        Analysis analysis = Analysis.named(law).orElseThrow(
                () -> new IllegalArgumentException("law '" + law + "' is not known; use " + String.join(", ", new LawNames())));
        Map<Quantity, Double> place = place(analysis);
        PointsFile table = PointsFile.read(Objects.requireNonNull(file));
        boolean means = meanSeeds || analysis.selection() == Analysis.Selection.OPTIMA
                || analysis.selection() == Analysis.Selection.ENVELOPE;
        Analysis.Outcome outcome = fit(analysis, points(table, analysis, where, means));
        List<Penalty> penalties = against.isEmpty() ? List.of() : penalties(table, outcome);
        FitFindings findings = new FitFindings(analysis, outcome, place, penalties, table.withoutLoss(where),
                mixed(table, analysis, means), seed);
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (json) {
            out.println(findings.toJson());
        } else {
            findings.print(out, residuals);
        }
        return CommandLine.ExitCode.OK;
    }

    private static List<Point> points(PointsFile table, Analysis analysis, Map<String, String> where, boolean means) throws IOException {
        return means ? table.means(analysis.needed(), where) : table.points(analysis.needed(), where);
    }

    private Analysis.Outcome fit(Analysis analysis, List<Point> points) {
        Analysis.Outcome outcome;
        try {
            outcome = analysis.fit(points, bootstrap, seed);
        } catch (IllegalArgumentException unfit) {
            throw new IllegalArgumentException(file + ": " + unfit.getMessage(), unfit);
        }
        outcome.objection().ifPresent(objection -> {
            throw refusal(analysis, outcome.fits().getFirst().points().size(), objection);
        });
        return outcome;
    }

    private IllegalStateException refusal(Analysis analysis, int points, String objection) {
        if (json) {
            ObjectNode object = JsonMapper.shared().createObjectNode();
            object.put("law", analysis.name()).put("points", points).put("supported", false).put("objection", objection);
            Objects.requireNonNull(spec).commandLine().getOut().println(object);
        }
        return new IllegalStateException(
                file + ": these " + points + " points cannot support the law " + analysis.name() + ": " + objection);
    }

    private List<Penalty> penalties(PointsFile table, Analysis.Outcome outcome) throws IOException {
        Analysis power = Analysis.named(new Power().name()).orElseThrow();
        Fit reference = fit(power, points(table, power, against, meanSeeds)).fits().getFirst();
        return Penalty.of(outcome.fits().getFirst(), reference);
    }

    /// Where to predict.
    private Map<Quantity, Double> place(Analysis analysis) {
        List<Quantity> known = new ArrayList<>(analysis.laws().getFirst().quantities());
        List.copyOf(known).forEach(quantity -> known.addAll(quantity.origins()));
        Map<Quantity, Double> place = new EnumMap<>(Quantity.class);
        for (Map.Entry<String, Double> given : at.entrySet()) {
            Quantity quantity = Quantity.of(given.getKey()).filter(known::contains).orElseThrow(() -> new IllegalArgumentException(
                    "at " + given.getKey() + " means nothing to " + law + "; use "
                            + known.stream().map(Quantity::column).collect(Collectors.joining(", "))));
            if (!(given.getValue() > 0 && Double.isFinite(given.getValue()))) {
                throw new IllegalArgumentException("at " + given.getKey() + "=" + given.getValue() + " is not a positive number");
            }
            place.put(quantity, given.getValue());
        }
        return place;
    }

    /// What differs among the points although the law does not know of it.
    private Map<String, List<String>> mixed(PointsFile table, Analysis analysis, boolean means) throws IOException {
        Map<String, List<String>> mixed = new LinkedHashMap<>();
        List<String> columns = new ArrayList<>(SETTINGS);
        if (!means) {
            columns.add("seed");
        }
        columns.removeAll(analysis.needed().stream().map(Quantity::column).toList());
        if (analysis.selection() == Analysis.Selection.OPTIMA) {
            columns.removeAll(SWEPT);
        }
        if (analysis.needed().contains(Quantity.TOKENS) || analysis.needed().contains(Quantity.FLOPS)) {
            columns.remove(BUDGET);
        }
        for (String column : columns) {
            List<String> values = table.values(column, where).stream().filter(value -> !value.isEmpty()).toList();
            if (values.size() > 1) {
                mixed.put(column, values);
            }
        }
        return mixed;
    }
}
