package tributary.model.tokenizer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// How often each word of some texts occurs, cut as GPT-2 does. Counted on all processors; sums do not depend on who counts what.
public final class WordCounts {
    /// Characters a processor takes at once.
    private static final int PIECE = 1 << 20;
    private static final int PIECES_AT_ONCE = 64;

    private record Piece(String text, int from, int to) {
        void count(Map<String, long[]> counts) {
            Words.each(text, from, to, (start, end) -> counts.computeIfAbsent(text.substring(start, end), _ -> new long[1])[0]++);
        }
    }

    private final Map<String, long[]> counts = new HashMap<>();
    private final List<Piece> waiting = new ArrayList<>();

    /// Counts of no text.
    public WordCounts() {}

    /// Adds a text, which is cut into words for itself. It may be held until others have been added.
    public void add(String text) {
        for (int from = 0; from < text.length();) {
            int to = Words.cut(text, Math.min(text.length(), from + PIECE), text.length());
            add(new Piece(text, from, to));
            from = to;
        }
    }

    /// The last place at which a text may be cut to be added in parts; 0 where there is none.
    public static int lastCut(String text) {
        return Words.lastCut(text, text.length());
    }

    /// The words, each with its count in the first element.
    Map<String, long[]> all() {
        count();
        return counts;
    }

    private void add(Piece piece) {
        waiting.add(piece);
        if (waiting.size() == PIECES_AT_ONCE) {
            count();
        }
    }

    private void count() {
        Map<String, long[]> found = waiting.parallelStream().collect(HashMap::new, (into, piece) -> piece.count(into), WordCounts::addAll);
        addAll(counts, found);
        waiting.clear();
    }

    private static void addAll(Map<String, long[]> counts, Map<String, long[]> more) {
        more.forEach((word, count) -> counts.computeIfAbsent(word, _ -> new long[1])[0] += count[0]);
    }
}
