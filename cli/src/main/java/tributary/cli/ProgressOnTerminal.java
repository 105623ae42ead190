package tributary.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import tributary.localsgd.run.RunConfig;
import tributary.localsgd.run.StepMetrics;

/// A bar that moves.
final class ProgressOnTerminal extends Progress {
    private static final int MILLISECONDS_BETWEEN_UPDATES = 200;

    private @Nullable ProgressBar bar;

    ProgressOnTerminal(PrintWriter err, Path out) {
        super(err, out);
    }

    @Override
    public void started(RunConfig config, long parameters, int firstStep) {
        super.started(config, parameters, firstStep);
        bar = new ProgressBarBuilder()
                .setTaskName("Training")
                .setUnit(" steps", 1)
                .startsFrom(firstStep, Duration.ZERO)
                .setInitialMax(config.steps())
                .setStyle(Terminal.hasColours() ? ProgressBarStyle.COLORFUL_UNICODE_BLOCK : ProgressBarStyle.UNICODE_BLOCK)
                .setConsumer(Terminal.bars())
                .setUpdateIntervalMillis(MILLISECONDS_BETWEEN_UPDATES)
                .build();
    }

    @Override
    public void message(String line) {
        if (bar == null) {
            super.message(line);
        }
    }

    @Override
    public void evaluating(int begun, int batches) {
        if (bar != null) {
            bar.setExtraMessage("  " + evaluation(begun, batches));
        }
    }

    @Override
    void show(StepMetrics metrics) {
        if (bar != null) {
            bar.setExtraMessage("  " + state(metrics));
            bar.stepTo(metrics.step());
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
