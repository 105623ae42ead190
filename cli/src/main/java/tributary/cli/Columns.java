package tributary.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/// A table with a line of names: numbers to the right, words to the left.
final class Columns {
    private final List<List<String>> rows = new ArrayList<>();

    Columns(List<String> names) {
        rows.add(names);
    }

    /// @param cells as many as names
    void line(List<String> cells) {
        rows.add(cells);
    }

    void print(PrintWriter text) {
        int columns = rows.getFirst().size();
        int[] width = new int[columns];
        boolean[] number = new boolean[columns];
        for (int c = 0; c < columns; c++) {
            int column = c;
            width[c] = rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
            number[c] = rows.stream().skip(1).map(row -> row.get(column)).allMatch(value -> value.isEmpty() || value.matches("[-+.\\d].*"));
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int c = 0; c < columns; c++) {
                String padding = " ".repeat(width[c] - row.get(c).length());
                line.append(number[c] ? padding + row.get(c) : row.get(c) + padding).append("   ");
            }
            text.println(line.toString().stripTrailing());
        }
    }
}
