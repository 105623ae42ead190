package tributary.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/// The command line: parses, runs a command, and turns whatever goes wrong into one line and an exit code.
@Command(
        name = "tributary",
        description = "Trains GPT-style language models with local SGD, in pure Java on the Vector API.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {
            TrainCommand.class, AlgorithmsCommand.class, EvalCommand.class, GenerateCommand.class, DoctorCommand.class,
            BenchCommand.class, FitCommand.class, StudyCommand.class, PlanCommand.class, ReportCommand.class,
            WatchCommand.class, TokenizerCommand.class, TokenizeCommand.class,
            AutoComplete.GenerateCompletion.class
        },
        footer = {"", "Start with: tributary train", "Shell completion: source <(tributary generate-completion)"})
public final class Tributary implements Runnable {
    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "show where an error comes from; also TRIBUTARY_DEBUG=1")
    private boolean debug;

    @Spec
    private @Nullable CommandSpec spec;

    private Tributary() {}

    /// Runs a command and ends the JVM with its exit code.
    public static void main(String... arguments) {
        System.exit(run(utf8(FileDescriptor.out), utf8(FileDescriptor.err), arguments));
    }

    /// Runs a command.
    ///
    /// @param out for results
    /// @param err for everything else
    /// @return the exit code
    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        Tributary root = new Tributary();
        CommandLine commandLine = new CommandLine(root);
        SettingOptions.addTo(commandLine.getSubcommands().get("train").getCommandSpec());
        commandLine.setOut(out).setErr(err).setUsageHelpAutoWidth(true).setUsageHelpLongOptionsMaxWidth(32);
        commandLine.setParameterExceptionHandler((e, given) -> {
            Failure.of(e).print(err, root.debug());
            return CommandLine.ExitCode.USAGE;
        });
        commandLine.setExecutionExceptionHandler((e, command, result) -> Failure.of(e).print(err, root.debug()));
        try {
            return commandLine.execute(arguments);
        } catch (OutOfMemoryError e) {
            return Failure.of(e).print(err, root.debug());
        } finally {
            out.flush();
            err.flush();
        }
    }

    /// Without a command there is nothing to do but to show what there is.
    @Override
    public void run() {
        throw new ParameterException(Objects.requireNonNull(spec).commandLine(), "a command is missing; the first to try is train");
    }

    private boolean debug() {
        return debug || System.getenv("TRIBUTARY_DEBUG") != null;
    }

    /// Text is UTF-8 whatever the locale says: it is what the models are trained on.
    private static PrintWriter utf8(FileDescriptor stream) {
        return new PrintWriter(new FileOutputStream(stream), true, StandardCharsets.UTF_8);
    }
}
