package tributary.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tributary.localsgd.run.ConfigFile;
import tributary.localsgd.run.Run;
import tributary.localsgd.run.RunConfig;
import tributary.localsgd.run.RunException;
import tributary.localsgd.run.RunOptions;
import tributary.localsgd.run.RunSummary;
import tributary.localsgd.watch.Dashboard;

/// Trains a model and shows how it goes. The options that are settings of the run come from [SettingOptions].
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Trains a GPT. Without any option: on the sources of this JDK, with two DiLoCo replicas, in about a minute.",
            "Ctrl-C writes a checkpoint; train --resume goes on from it, to the same bits as if it had never stopped."
        },
        optionListHeading = "%nOptions (a setting's standard value in brackets):%n")
final class TrainCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--config", paramLabel = "FILE", description = "YAML file of settings; options given besides come before it")
    private @Nullable Path configFile;

    @Option(names = "--print-config", description = "print the settings this run would have, as such a file, and end")
    private boolean printConfig;

    @Option(names = "--out", paramLabel = "DIR", description = "the run's folder [runs/<algorithm>-<number>]")
    private @Nullable Path out;

    @Option(names = "--resume", description = "continue the run in --out, or else the newest run under runs/")
    private boolean resume;

    @Option(names = "--threads", paramLabel = "INT", description = "threads for all replicas together [all processors: ${DEFAULT-VALUE}]")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--checkpoint-every", paramLabel = "INT", description = "steps between checkpoints [${DEFAULT-VALUE}]")
    private int checkpointEvery = 500;

    @Option(names = "--recompute", description = "compute activations again instead of keeping them: less memory, up to a third more time")
    private boolean recompute;

    @Option(names = "--round-limit", paramLabel = "SECONDS",
            description = "a replica that works longer on its part of a round counts as hung "
                    + "and is dropped from it; no limit where not given")
    private @Nullable Double roundLimit;
    @Option(names = "--watch", description = "show the run in a browser while it trains, as the command watch does")
    private boolean watch;

    @Option(names = "--quiet", description = "show no progress")
    private boolean quiet;

    @Option(names = "--json", description = "end with one JSON object on the standard output, and nothing else there")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        CommandSpec command = Objects.requireNonNull(spec);
        PrintWriter results = command.commandLine().getOut();
        PrintWriter err = command.commandLine().getErr();

        Map<String, String> given = new LinkedHashMap<>();
        if (configFile != null) {
            given.putAll(ConfigFile.read(configFile));
        }
        given.putAll(SettingOptions.given(command.commandLine().getParseResult()));

        Path folder = out;
        boolean resumes = resume;
        if (resume && folder == null) {
            folder = RunFolders.newest();
        } else if (resume && !given.isEmpty() && RunFolders.isEmpty(folder)) {
            err.println(folder + " holds no run yet: starting it");
            resumes = false;
        }
        Map<String, String> settings = resumes ? Run.configuration(folder).settings() : new LinkedHashMap<>();
        settings.putAll(given);
        RunConfig config = RunConfig.of(settings);
        if (printConfig) {
            results.print(config.toYaml());
            return 0;
        }
        if (folder == null) {
            folder = RunFolders.next(config.algorithm());
        }

        try (ShutdownHold hold = new ShutdownHold()) {
            try {
                RunOptions options = new RunOptions(folder, resumes, threads, checkpointEvery, recompute, limit(), hold.stop());
                Progress progress = Progress.on(err, folder, quiet);
                RunSummary summary;
                Dashboard dashboard = watch ? dashboard(folder, err) : null;
                try (progress; dashboard) {
                    summary = Run.train(config, options, progress);
                }
                new Outcome(config, summary, progress.curve()).print(results, err, json, quiet);
                return 0;
            } catch (RunException e) {
                return Failure.of(e).print(err, false); // before the JVM may end
            }
        }
    }

    private Optional<Duration> limit() {
        return Optional.ofNullable(roundLimit).map(seconds -> Duration.ofMillis(Math.round(seconds * 1000)));
    }

    /// The run's page. The run goes on without one where there can be none.
    private static @Nullable Dashboard dashboard(Path folder, PrintWriter err) {
        try {
            Dashboard dashboard = Dashboard.open(folder, Dashboard.PORT);
            WatchCommand.announce(dashboard, folder, Dashboard.PORT, err);
            return dashboard;
        } catch (IOException e) {
            err.println("There is no page to watch: " + e.getMessage());
            return null;
        }
    }
}
