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

/// Writes what runs measured as a page to look at, and as pictures for papers.
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Writes a report on a run, or on several beside each other, as one HTML file that opens without a network.",
            "It shows the loss against tokens, compute, bytes, virtual and real time, throughput, what the workers of a virtual cluster "
                    + "did when, a sample of text, and the settings."
        },
        optionListHeading = "%nOptions:%n")
final class ReportCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "PATH", arity = "1..*", description = "folders of runs, or folders that hold them")
    private List<Path> paths = new ArrayList<>();

    @Option(names = "--out", paramLabel = "FILE.html", description = "[report.html; of one run, in its folder]")
    private @Nullable Path out;

    @Option(names = "--figures", paramLabel = "DIR", description = "also write every figure there, as .svg, .png and .csv")
    private @Nullable Path figures;

    @Override
    public Integer call() throws IOException {
        if (figures != null && Files.exists(figures) && !Files.isDirectory(figures)) {
            throw new IllegalArgumentException("figures " + figures + " is a file; give a folder");
        }
        Report report = Report.of(paths);
        Path file = out != null ? out : paths.size() == 1 ? paths.getFirst().resolve("report.html") : Path.of("report.html");
        report.write(file);
        if (figures != null) {
            report.writeFigures(figures);
        }
        Objects.requireNonNull(spec).commandLine().getOut().println(file);
        return CommandLine.ExitCode.OK;
    }
}
