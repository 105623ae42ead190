package tributary.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tributary.localsgd.watch.Dashboard;

/// Serves the live page about runs until it is interrupted.
@Command(
        name = "watch",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "Shows runs in a browser while they train: curves, synchronisations, speed, time left.",
            "Ctrl-C ends the page; the runs go on. Only this machine can open it."
        })
final class WatchCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "DIR", arity = "1", description = "folder of a run, or of a study, or any folder with runs in it")
    private @Nullable Path folder;

    @Option(names = "--port", paramLabel = "INT", description = "where to listen, or the next free one; 0 for any [${DEFAULT-VALUE}]")
    private int port = Dashboard.PORT;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path watched = Objects.requireNonNull(folder);
        if (Files.notExists(watched)) {
            throw new IllegalArgumentException("watch: there is no folder " + watched);
        }
        if (!Dashboard.holdsRuns(watched)) {
            throw new IllegalArgumentException("watch: " + watched + " holds no run (there is no config.yaml in it or in a folder in it)");
        }
        try (Dashboard dashboard = Dashboard.open(watched, port)) {
            announce(dashboard, watched, port, Objects.requireNonNull(spec).commandLine().getOut());
            new CountDownLatch(1).await(); // until the process is interrupted
        }
        return CommandLine.ExitCode.OK;
    }

    /// Says where the page is.
    ///
    /// @param asked the port that was asked for
    static void announce(Dashboard dashboard, Path watched, int asked, PrintWriter text) {
        if (asked != 0 && dashboard.port() != asked) {
            text.println("Port " + asked + " is taken; the page is at another.");
        }
        text.println("Watching " + watched + " at " + dashboard.address());
    }
}
