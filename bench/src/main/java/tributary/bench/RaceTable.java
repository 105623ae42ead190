package tributary.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/// The rows of a Markdown table, one a workload: the ceiling, a cell for each contender, and how many times faster the first
/// is than each other.
final class RaceTable {
    private final List<RemoteContender> contenders;
    private final RemoteContender first;

    /// Prints who takes part and the head of the table.
    ///
    /// @param measure what a contender's cell holds
    RaceTable(List<RemoteContender> contenders, int threads, String measure) {
        this.contenders = contenders;
        this.first = contenders.getFirst();
        System.out.printf("%n%d %s; Java %s, %s%n",
                threads, threads == 1 ? "thread" : "threads", Runtime.version(), System.getProperty("os.arch"));
        contenders.forEach(contender -> System.out.println("- " + contender.name() + ": " + contender.description()));
        System.out.println();
        List<String> cells = cells("workload", "ceiling", contender -> contender.name() + ": " + measure,
                contender -> first.name() + " / " + contender.name());
        line(cells);
        line(cells.stream().map(cell -> "---").toList());
    }

    void row(String word, Race race, Function<RemoteContender, String> cell) {
        line(cells(word, format("%.0f GFLOP/s", race.ceiling()), cell, contender -> format("%.2f", race.ratio(first, contender))));
    }

    private List<String> cells(
            String word, String ceiling, Function<RemoteContender, String> cell, Function<RemoteContender, String> ratio) {
        List<String> cells = new ArrayList<>(List.of(word, ceiling));
        contenders.forEach(contender -> cells.add(cell.apply(contender)));
        contenders.stream().skip(1).forEach(contender -> cells.add(ratio.apply(contender)));
        return cells;
    }

    static void line(List<String> cells) {
        System.out.println("| " + String.join(" | ", cells) + " |");
    }

    static String format(String format, Object... facts) {
        return String.format(Locale.ROOT, format, facts);
    }
}
