package tributary.localsgd.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tributary.localsgd.RoundFailedException;
import tributary.localsgd.StoppedException;
import tributary.model.NonFiniteException;
import tributary.model.data.DataException;
import tributary.model.data.TokenizedCorpus;
import tributary.model.format.FormatException;

/// Trains a model as a [RunConfig] says, in a folder of its own, so that it can be killed at any moment and resumed to
/// the same bits.
///
/// ```java
/// RunSummary done = Run.train(RunConfig.of(Map.of("data", "input.txt")), RunOptions.in(Path.of("runs/first")), listener);
/// ```
public final class Run {
    private Run() {}

    /// Trains to the end.
    ///
    /// @throws IllegalArgumentException where the configuration or the options do not fit each other, the data or the folder
    /// @throws RunStopped where the run was asked to stop; a checkpoint was written
    /// @throws RunException where the run cannot start or go on; the last good checkpoint stays
    public static RunSummary train(RunConfig config, RunOptions options, RunListener listener) throws RunException {
        return train(config, options, Optional.empty(), listener);
    }

    /// As [#train(RunConfig, RunOptions, RunListener)], on data that are in memory already: for many runs on the same text.
    ///
    /// @param text what the configuration's `data` and `tokenizer` name
    public static RunSummary train(RunConfig config, RunOptions options, TokenizedCorpus text, RunListener listener)
            throws RunException {
        return train(config, options, Optional.of(text), listener);
    }

    private static RunSummary train(RunConfig config, RunOptions options, Optional<TokenizedCorpus> text, RunListener listener)
            throws RunException {
        Setting.requireUsed(config);
        try (RunFolder folder = RunFolder.open(options.out(), options.resume())) {
            if (options.resume()) {
                requireSame(config, configuration(options.out()), options.out());
            }
            try (Training training = new Training(config, options, folder, text, listener)) {
                return training.train();
            }
        } catch (NonFiniteException e) {
            throw new RunException(e.getMessage() + "; training cannot go on. " + lastCheckpoint(options.out())
                    + " A lower --lr, a longer --warmup or a smaller --clip usually mends it", e);
        } catch (RoundFailedException e) {
            throw new RunException(e.getMessage() + ". " + lastCheckpoint(options.out()) + " Try the round again with --resume --out "
                    + options.out(), e);
        } catch (StoppedException e) {
            throw new RunStopped("stopped. " + lastCheckpoint(options.out()) + " Continue with --resume --out " + options.out());
        } catch (DataException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        } catch (FormatException e) {
            throw new RunException(e.getMessage(), e);
        } catch (IOException e) {
            throw new RunException(cannotWrite(options.out(), e), e);
        } catch (UncheckedIOException e) {
            throw new RunException(cannotWrite(options.out(), e.getCause()), e);
        } catch (OutOfMemoryError e) {
            throw new RunException("the heap of " + Runtime.getRuntime().maxMemory() / (1 << 20)
                    + " MiB is too small for this model; use a smaller one, fewer replicas, or a larger heap (-Xmx)", e);
        }
    }

    /// The folder of the newest model of a run, or `dir` itself where it is a model's folder.
    ///
    /// @throws IllegalArgumentException where there is none
    public static Path modelFolder(Path dir) throws IOException {
        return RunFolder.model(dir);
    }

    /// The configuration a run was started with.
    ///
    /// @throws IllegalArgumentException where the folder holds no run
    public static RunConfig configuration(Path run) {
        if (!Files.exists(RunFolder.configuration(run))) {
            throw new IllegalArgumentException("nothing to resume: " + run + " holds no run");
        }
        return RunConfig.read(RunFolder.configuration(run));
    }

    private static void requireSame(RunConfig asked, RunConfig stored, Path out) {
        List<String> changed = asked.differences(stored);
        if (!changed.isEmpty()) {
            throw new IllegalArgumentException("resume: " + out + " was started with " + String.join(", ", changed)
                    + "; leave them out, or start a new run with another --out");
        }
    }

    private static String lastCheckpoint(Path out) {
        Optional<Path> newest;
        try {
            newest = Checkpoint.list(out.resolve("checkpoints")).stream().findFirst();
        } catch (IOException e) {
            newest = Optional.empty();
        }
        return newest.map(path -> "The last checkpoint is " + path + ".").orElse("There is no checkpoint yet.");
    }

    private static String cannotWrite(Path out, IOException e) {
        return "cannot read or write in " + out + ": " + (e.getMessage() == null ? e.toString() : e.getMessage()) + ". "
                + lastCheckpoint(out)
                + " Make room or mend the folder's rights, then continue with --resume --out " + out;
    }
}
