package tributary.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;
import tributary.localsgd.run.RunException;
import tributary.localsgd.run.Setting;
import tributary.model.data.DataException;

/// What went wrong, for people: one line that names the place, the facts and the mend, and an exit code.
///
/// @param line without the program's name
/// @param exitCode 2 where the request makes no sense, 1 where carrying it out failed
record Failure(String line, int exitCode, Throwable cause) {

    static Failure of(Throwable e) {
        return switch (e) {
            case ParameterException parameter -> new Failure(usage(parameter), CommandLine.ExitCode.USAGE, e);
            case DataException data -> new Failure(message(data), CommandLine.ExitCode.USAGE, e);
            case IllegalArgumentException request -> new Failure(message(request), CommandLine.ExitCode.USAGE, e);
            case IllegalStateException state -> new Failure(message(state), CommandLine.ExitCode.SOFTWARE, e);
            case RunException run -> new Failure(message(run), CommandLine.ExitCode.SOFTWARE, e);
            case UncheckedIOException io -> of(io.getCause());
            case NoSuchFileException missing ->
                new Failure("there is no file " + missing.getFile(), CommandLine.ExitCode.SOFTWARE, e);
            case AccessDeniedException denied ->
                new Failure("no right to open " + denied.getFile(), CommandLine.ExitCode.SOFTWARE, e);
            case FileSystemException file -> new Failure(file.getFile() + ": " + reason(file), CommandLine.ExitCode.SOFTWARE, e);
            case IOException io -> new Failure(message(io), CommandLine.ExitCode.SOFTWARE, e);
            case OutOfMemoryError memory -> new Failure("the heap of " + Runtime.getRuntime().maxMemory() / (1 << 20)
                    + " MiB is too small; give a larger one (TRIBUTARY_JAVA_OPTS=-Xmx8g)", CommandLine.ExitCode.SOFTWARE, e);
            default -> new Failure("internal error: " + e + "; --debug shows where it comes from", CommandLine.ExitCode.SOFTWARE, e);
        };
    }

    /// Prints the line, and where it comes from if that is wanted.
    ///
    /// @return the exit code
    int print(PrintWriter err, boolean debug) {
        err.println("tributary: " + line.strip().replaceAll("\\s*\\R\\s*", " "));
        if (debug) {
            cause.printStackTrace(err);
        }
        err.flush();
        return exitCode;
    }

    private static String usage(ParameterException e) {
        CommandSpec command = e.getCommandLine().getCommandSpec();
        String problem = e instanceof UnmatchedArgumentException unmatched
                ? unknown(unmatched, command)
                : message(e).replaceFirst("^Error: ", "");
        return problem + "; see " + command.qualifiedName() + " --help";
    }

    private static String unknown(UnmatchedArgumentException e, CommandSpec command) {
        String word = e.getUnmatched().getFirst();
        List<String> known = e.getSuggestions();
        if (known.isEmpty() && word.startsWith("--") && command.qualifiedName().equals("tributary train")) {
            known = List.of("--" + Setting.nearest(word.substring(2).replaceFirst("=.*", "")));
        }
        return "unknown " + (word.startsWith("-") ? "option " : "argument ") + word
                + (known.isEmpty() ? "" : "; did you mean " + Setting.nearest(known, word) + "?");
    }

    private static String message(Throwable e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }

    private static String reason(FileSystemException e) {
        return e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
    }
}
