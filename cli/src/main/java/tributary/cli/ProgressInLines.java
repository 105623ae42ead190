package tributary.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import tributary.localsgd.run.RunConfig;
import tributary.localsgd.run.StepMetrics;

/// A line every few seconds and at each evaluation; also in one that takes long.
final class ProgressInLines extends Progress {
    private static final double SECONDS_BETWEEN_LINES = 2;

    private final PrintWriter err;
    private int steps;
    private double shownAt = Double.NEGATIVE_INFINITY;
    private long evaluationShownAt;
    private String evaluation = "";

    ProgressInLines(PrintWriter err, Path out) {
        super(err, out);
        this.err = err;
    }

    @Override
    public void started(RunConfig config, long parameters, int firstStep) {
        super.started(config, parameters, firstStep);
        steps = config.steps();
    }

    @Override
    public void evaluating(int begun, int batches) {
        long now = System.nanoTime();
        String text = evaluation(begun, batches);
        if (begun == 0) {
            evaluationShownAt = now;
        } else if (now - evaluationShownAt >= SECONDS_BETWEEN_LINES * 1e9 && !text.equals(evaluation)) {
            evaluationShownAt = now;
            evaluation = text;
            err.println(text);
        }
    }

    @Override
    void show(StepMetrics metrics) {
        boolean last = metrics.step() == steps;
        if (metrics.valLoss().isPresent() || last || metrics.elapsedSeconds() - shownAt >= SECONDS_BETWEEN_LINES) {
            shownAt = metrics.elapsedSeconds();
            err.println(String.format(Locale.ROOT, "step %,d/%,d  %s  %.0f s", metrics.step(), steps, state(metrics),
                    metrics.elapsedSeconds()));
        }
    }
}
