package tributary.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tributary.localsgd.report.Report;
import tributary.localsgd.run.RunException;
import tributary.localsgd.study.Result;
import tributary.localsgd.study.Study;
import tributary.localsgd.study.StudyOptions;
import tributary.localsgd.study.StudyRun;

/// Runs a study, and fits its laws.
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Runs what has no result yet, one training on each core (the last ones share them), and ends with the laws and a report.html"
                    + " beside the results.",
            "It may be stopped or killed at any moment; the same command goes on, to the same bits."
        })
final class StudyRunCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private StudyCommand.Named named = new StudyCommand.Named();

    @Option(names = "--data", paramLabel = "TEXT",
            description = "where the text is, in place of the file's data: for a text that lies elsewhere on each machine; the results "
                    + "keep the file's word for it")
    private @Nullable String data;

    @Option(names = "--cores", paramLabel = "INT", description = "trainings at once [all processors: ${DEFAULT-VALUE}]")
    private int cores = Runtime.getRuntime().availableProcessors();

    @Option(names = "--order", paramLabel = "longest|shortest|file",
            description = "which come first: the longest finish the whole soonest, the shortest give results soonest [${DEFAULT-VALUE}]")
    private String order = "longest";

    @Option(names = "--quiet", description = "show no progress")
    private boolean quiet;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
        Study study = named.study();
        try (ShutdownHold hold = new ShutdownHold()) {
            try {
                StudyOptions options = new StudyOptions(named.store(), Optional.ofNullable(data), cores, order(), hold.stop());
                List<Result> results;
                try (StudyProgress progress = StudyProgress.on(err, quiet)) {
                    results = StudyRun.run(study, options, progress);
                }
                new StudyOutcome(results).print(out);
                Path page = named.store().resolve("report.html");
                Report.of(List.of(named.store())).write(page);
                out.println();
                out.println("All of it to look at: " + page);
                return 0;
            } catch (RunException e) {
                return Failure.of(e).print(err, false); // before the JVM may end
            }
        }
    }

    private Study.Order order() {
        return switch (order) {
            case "longest" -> Study.Order.LONGEST;
            case "shortest" -> Study.Order.SHORTEST;
            case "file" -> Study.Order.FILE;
            default -> throw new IllegalArgumentException("order '" + order + "' is not known; use longest, shortest, file");
        };
    }
}
