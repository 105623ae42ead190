package tributary.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalDouble;
import tributary.localsgd.run.RunConfig;
import tributary.localsgd.run.RunListener;
import tributary.localsgd.run.Setting;
import tributary.localsgd.run.StepMetrics;

/// Shows a run while it works: as a bar where a person watches, as lines in a file or a pipe, or not at all.
abstract class Progress implements RunListener, AutoCloseable {
    private final PrintWriter err;
    private final Path out;
    private LossCurve curve = new LossCurve(1);
    private double loss = Double.NaN;
    private OptionalDouble valLoss = OptionalDouble.empty();

    Progress(PrintWriter err, Path out) {
        this.err = err;
        this.out = out;
    }

    /// The kind that suits the standard error.
    ///
    /// @param out the run's folder
    static Progress on(PrintWriter err, Path out, boolean quiet) {
        if (quiet) {
            return new NoProgress(err, out);
        }
        return Terminal.isWatched() ? new ProgressOnTerminal(err, out) : new ProgressInLines(err, out);
    }

    /// The training losses of this session.
    LossCurve curve() {
        return curve;
    }

    @Override
    public void message(String line) {
        err.println(line);
    }

    @Override
    public void started(RunConfig config, long parameters, int firstStep) {
        curve = new LossCurve(firstStep + 1);
        String algorithm = Setting.label(config.algorithm()) + ", " + config.replicas()
                + (config.replicas() == 1 ? " replica" : " replicas")
                + (config.localSteps() > 1 ? " that merge every " + config.localSteps() + " steps" : "");
        announce(String.format(Locale.ROOT,
                "Training %,d parameters (%d layers, %d heads, width %d, context %d) on %s: %s.%nIn %s, %,d steps of %,d tokens.",
                parameters, config.layers(), config.heads(), config.width(), config.context(), config.data(), algorithm, out,
                config.steps() - firstStep, config.batch() * config.context()));
    }

    @Override
    public void step(StepMetrics metrics) {
        curve.add(metrics.trainLoss());
        loss = Double.isNaN(loss) ? metrics.trainLoss() : 0.9 * loss + 0.1 * metrics.trainLoss(); // a single batch is noisy
        if (metrics.valLoss().isPresent()) {
            valLoss = metrics.valLoss();
        }
        show(metrics);
    }

    /// Tells what the run is, once.
    void announce(String text) {
        err.println(text);
    }

    /// Shows a step.
    abstract void show(StepMetrics metrics);

    /// `loss 1.234  val 1.345  12,345 tokens/s`
    final String state(StepMetrics metrics) {
        String validation = valLoss.isPresent() ? String.format(Locale.ROOT, "  val %.4f", valLoss.getAsDouble()) : "";
        return String.format(Locale.ROOT, "loss %.4f%s  %,.0f tokens/s", loss, validation, metrics.tokensPerSecond());
    }

    /// `validation 12 %`
    static String evaluation(int begun, int batches) {
        return "validation " + 100L * begun / batches + " %";
    }

    @Override
    public void close() {}

    /// Keeps silent, but for messages.
    private static final class NoProgress extends Progress {
        NoProgress(PrintWriter err, Path out) {
            super(err, out);
        }

        @Override
        void announce(String text) {}

        @Override
        void show(StepMetrics metrics) {}
    }
}
