package tributary.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
import tributary.localsgd.report.Report;

/// Writes what was measured, fitted and planned as a page to look at, and as pictures for papers.
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Writes a report as one HTML file that opens without a network.",
            "Of runs, beside each other: the loss against tokens, compute, bytes, virtual and real time, throughput, what the workers of "
                    + "a virtual cluster did when, samples of text, settings. Of a study: loss against size with laws, the gap to data "
                    + "parallelism, what replicas, local steps and outer rates do. Of a law: points, band, residuals. Of a plan: its tables "
                    + "and plots; behind a study it draws on the study's laws, where its own file names none."
        },
        optionListHeading = "%nOptions:%n")
final class ReportCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "PATH", arity = "1..*", description = "a run's or study's folder, or a folder of runs; "
            + "a study's results (.jsonl, .csv); what fit --json or plan --json printed (.json); a plan's file (.yaml)")
    private List<Path> paths = new ArrayList<>();

    @Option(names = "--out", paramLabel = "FILE.html", description = "[report.html, in PATH where that is one folder]")
    private @Nullable Path out;

    @Option(names = "--figures", paramLabel = "DIR", description = "also write every figure there, as .svg, .png and .csv")
    private @Nullable Path figures;

    @Override
    public Integer call() throws IOException {
        Report report = Report.of(paths);
        Path file = out != null ? out : paths.size() == 1 && Files.isDirectory(paths.getFirst()) ? paths.getFirst().resolve("report.html")
                : Path.of("report.html");
        if (figures != null) {
            report.writeFigures(figures);
        }
        report.write(file);
        Objects.requireNonNull(spec).commandLine().getOut().println(file);
        return CommandLine.ExitCode.OK;
    }
}
