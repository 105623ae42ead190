package tributary.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tributary.localsgd.study.Result;
import tributary.localsgd.study.Store;
import tributary.localsgd.study.Study;
import tributary.localsgd.study.StudyTables;
import tributary.localsgd.study.Table;
import tributary.model.format.DurableFile;

/// Writes a study's results for other programs.
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Writes the results there are, in the order of the file: as CSV, which fit reads, as one JSON object a line, or as tables to read.")
final class StudyExportCommand implements Callable<Integer> {
    private static final int BOOTSTRAP = 1000;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private StudyCommand.Named named = new StudyCommand.Named();

    @ArgGroup(multiplicity = "1")
    private Format format = new Format();

    @Option(names = "--out", paramLabel = "FILE", description = "where to [the standard output]")
    private @Nullable Path out;

    /// One of them.
    static final class Format {
        @Option(names = "--csv", required = true, description = "a table; trainings that diverged are left out")
        private boolean csv;

        @Option(names = "--markdown", required = true, description = "tables of losses, gaps, laws and sweeps, to read; takes seconds")
        private boolean markdown;

        @Option(names = "--jsonl", required = true, description = "with all settings and the training curve")
        private boolean jsonl;
    }

    @Override
    public Integer call() throws IOException {
        Map<String, Result> stored = Store.read(named.existingStore());
        Study study = named.study();
        List<Result> results = study.trials().stream().map(trial -> stored.get(trial.hash())).filter(Objects::nonNull).toList();
        String text = format.jsonl ? Table.jsonl(results)
                : format.markdown ? StudyTables.of(study, results, BOOTSTRAP) : Table.csv(results);
        if (out != null) {
            DurableFile.writeString(out, text);
        } else {
            Objects.requireNonNull(spec).commandLine().getOut().print(text);
        }
        return 0;
    }
}
