package tributary.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tributary.localsgd.study.Study;
import tributary.localsgd.study.StudyFile;

/// Studies: grids of trainings out of one file.
@Command(
        name = "study",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "Runs a grid of trainings that one YAML file declares, and keeps what comes of them.",
            "quick is a study that comes with the program: a law in ten minutes."
        },
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {StudyRunCommand.class, StudyListCommand.class, StudyStatusCommand.class, StudyCompareCommand.class,
            StudyExportCommand.class})
final class StudyCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(Objects.requireNonNull(spec).commandLine(), "a command is missing; the first to try is run quick");
    }

    /// Which study, and where its results lie.
    static final class Named {
        private static final String QUICK = "quick";

        @Parameters(paramLabel = "FILE|quick", arity = "1", description = "the study's YAML file, or one that comes with the program")
        private String file = "";

        @Option(names = "--store", paramLabel = "DIR",
                description = "folder of the results [beside FILE, named like it without .yaml; studies/quick for quick]")
        private @Nullable Path store;

        Study study() {
            return file.equals(QUICK) ? StudyFile.bundled(QUICK) : StudyFile.read(Path.of(file));
        }

        Path store() {
            if (store != null) {
                return store;
            }
            if (file.equals(QUICK)) {
                return Path.of("studies", QUICK);
            }
            Path path = Path.of(file);
            String name = Objects.requireNonNull(path.getFileName(), file).toString();
            String stem = name.replaceFirst("\\.ya?ml$", "");
            return path.resolveSibling(stem.equals(name) ? name + "-results" : stem);
        }

        /// For commands that only look.
        ///
        /// @throws IllegalArgumentException where the study has not been run
        Path existingStore() {
            if (Files.notExists(store().resolve("results.jsonl"))) {
                throw new IllegalArgumentException(
                        "study " + file + " has no results in " + store() + " yet; tributary study run " + file + " makes some");
            }
            return store();
        }
    }
}
