package tributary.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tributary.localsgd.plan.Plan;
import tributary.localsgd.plan.PlanFile;
import tributary.localsgd.report.Report;

/// Works out how long training takes, what it costs and when several clusters or many devices are worth it.
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Works out time, cost and utilisation of training on clusters that are far from each other or on many small devices.",
            "docs/plan.yaml and docs/edge.yaml are examples of the file, docs/plan.md explains the tables."
        },
        optionListHeading = "%nOptions:%n")
final class PlanCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "FILE.yaml", arity = "1")
    private @Nullable Path file;

    @Option(names = "--json", description = "print one JSON object")
    private boolean json;

    @Option(names = "--figures", paramLabel = "DIR", description = "also write its figures there, as .svg, .png and .csv; "
            + "report FILE.yaml writes them as a page")
    private @Nullable Path figures;

    @Override
    public Integer call() throws IOException {
        Plan plan = PlanFile.read(Objects.requireNonNull(file));
        if (figures != null) {
            Report.of(List.of(file)).writeFigures(figures);
        }
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        out.println(json ? plan.toJson() : plan.toText().stripTrailing());
        return CommandLine.ExitCode.OK;
    }
}
