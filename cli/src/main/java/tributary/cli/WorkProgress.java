package tributary.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/// Shows how far some work is: as a bar where a person watches, as a line every few seconds in a file or a pipe, or not at
/// all.
interface WorkProgress extends AutoCloseable {

    /// So much of the whole is done.
    void reached(long done);

    @Override
    void close();

    /// The kind that suits the standard error.
    ///
    /// @param task such as `Learning`
    /// @param unit what is counted, such as `tokens`
    static WorkProgress on(PrintWriter err, String task, String unit, long whole, boolean quiet) {
        if (quiet) {
            return new Silent();
        }
        return Terminal.isWatched() ? new Bar(task, unit, whole) : new Lines(err, task, unit, whole);
    }

    /// Nothing.
    record Silent() implements WorkProgress {
        @Override
        public void reached(long done) {}

        @Override
        public void close() {}
    }

    /// A bar that moves.
    final class Bar implements WorkProgress {
        private final ProgressBar bar;

        private Bar(String task, String unit, long whole) {
            this.bar = new ProgressBarBuilder()
                    .setTaskName(task)
                    .setUnit(" " + unit, 1)
                    .startsFrom(0, Duration.ZERO)
                    .setInitialMax(whole)
                    .setStyle(Terminal.hasColours() ? ProgressBarStyle.COLORFUL_UNICODE_BLOCK : ProgressBarStyle.UNICODE_BLOCK)
                    .setConsumer(Terminal.bars())
                    .setUpdateIntervalMillis(200)
                    .build();
        }

        @Override
        public void reached(long done) {
            bar.stepTo(done);
        }

        @Override
        public void close() {
            bar.close();
        }
    }

    /// A line every few seconds.
    final class Lines implements WorkProgress {
        private static final double SECONDS_BETWEEN_LINES = 2;

        private final PrintWriter err;
        private final String task;
        private final String unit;
        private final long whole;
        private final long began = System.nanoTime();
        private double shownAt;

        private Lines(PrintWriter err, String task, String unit, long whole) {
            this.err = err;
            this.task = task;
            this.unit = unit;
            this.whole = whole;
        }

        @Override
        public void reached(long done) {
            double elapsed = (System.nanoTime() - began) * 1e-9;
            if (elapsed - shownAt >= SECONDS_BETWEEN_LINES) {
                shownAt = elapsed;
                err.println(String.format(Locale.ROOT, "%s: %,d of %,d %s  %.0f s", task, done, whole, unit, elapsed));
            }
        }

        @Override
        public void close() {}
    }
}
