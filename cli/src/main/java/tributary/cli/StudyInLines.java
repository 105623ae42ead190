package tributary.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.stream.Collectors;
import tributary.localsgd.study.Figures;
import tributary.localsgd.study.Result;

/// A line when a training ends, and one a minute about what runs.
final class StudyInLines extends StudyProgress {
    private static final long NANOSECONDS_BETWEEN_LINES = 60_000_000_000L;

    private final PrintWriter err;
    private long shownAt = System.nanoTime();

    StudyInLines(PrintWriter err) {
        super(err);
        this.err = err;
    }

    @Override
    void show() {
        if (System.nanoTime() - shownAt >= NANOSECONDS_BETWEEN_LINES) {
            shownAt = System.nanoTime();
            err.println(whole() + "; at work: " + atWork().stream()
                    .map(it -> String.format(Locale.ROOT, "%s %.0f %%", it.trial().label(), 100 * it.share()))
                    .collect(Collectors.joining(", ")));
        }
    }

    @Override
    void ended(Result result) {
        String outcome = result.loss().isPresent() ? String.format(Locale.ROOT, "loss %.4f", result.loss().getAsDouble())
                : result.failure().orElse("no loss");
        err.println(String.format(Locale.ROOT, "%s %s D=%s seed %s: %s, %s; %s", Figures.count(result.parameters()),
                Best.how(result), Figures.count(result.tokens()), result.settings().get("seed"), outcome, time(result.seconds()), whole()));
    }
}
