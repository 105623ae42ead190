package tributary.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import tributary.localsgd.study.Figures;
import tributary.localsgd.study.Result;

/// An overview that is drawn anew a few times a second: the whole, what runs, the best losses.
final class StudyOnTerminal extends StudyProgress {
    private static final long NANOSECONDS_BETWEEN_DRAWINGS = 250_000_000L;
    private static final int BAR = 14;
    private static final String UP = "\u001b[%dA";
    private static final String CLEAR = "\r\u001b[K";

    private final PrintWriter err;
    private int drawn;
    private long drawnAt = System.nanoTime() - NANOSECONDS_BETWEEN_DRAWINGS;

    StudyOnTerminal(PrintWriter err) {
        super(err);
        this.err = err;
    }

    @Override
    void show() {
        if (System.nanoTime() - drawnAt >= NANOSECONDS_BETWEEN_DRAWINGS) {
            draw();
        }
    }

    @Override
    public void message(String line) {
        if (drawn == 0) {
            super.message(line);
        }
    }

    @Override
    void ended(Result result) {}

    @Override
    public void close() {
        if (drawn > 0) {
            draw();
        }
    }

    private void draw() {
        drawnAt = System.nanoTime();
        List<String> lines = lines();
        StringBuilder text = new StringBuilder(drawn > 0 ? String.format(Locale.ROOT, UP, drawn) : "");
        for (int i = 0; i < Math.max(drawn, lines.size()); i++) {
            text.append(CLEAR).append(i < lines.size() ? lines.get(i) : "").append('\n');
        }
        drawn = Math.max(drawn, lines.size());
        err.print(text);
        err.flush();
    }

    /// Narrow enough for a terminal of 80 columns, so that no line wraps.
    private List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(whole());
        for (AtWork it : atWork()) {
            int full = (int) Math.round(BAR * it.share());
            String loss = Double.isNaN(it.loss()) ? "" : String.format(Locale.ROOT, "loss %.3f", it.loss());
            lines.add(String.format(Locale.ROOT, "  %-44s %s%s %3.0f %%  %s", it.trial().label(), "█".repeat(full), "░".repeat(BAR - full),
                    100 * it.share(), loss));
        }
        if (!done().isEmpty()) {
            lines.add("best  " + Best.of(done()).values().stream()
                    .map(best -> String.format(Locale.ROOT, "%s %.3f", Figures.count(best.parameters()), best.loss().orElseThrow()))
                    .collect(Collectors.joining("  ")));
        }
        return lines.stream().map(line -> line.length() <= 79 ? line : line.substring(0, 78) + "…").toList();
    }
}
