package tributary.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/// A table under a line of names, aligned to the right, as numbers are.
final class Columns {
    private final List<List<String>> lines = new ArrayList<>();

    Columns(List<String> names) {
        lines.add(names);
    }

    /// @param cells as many as names
    void line(List<String> cells) {
        lines.add(cells);
    }

    void print(PrintWriter text) {
        List<String> names = lines.getFirst();
        for (List<String> line : lines) {
            StringBuilder printed = new StringBuilder();
            for (int i = 0; i < names.size(); i++) {
                int column = i;
                int width = lines.stream().mapToInt(other -> other.get(column).length()).max().orElseThrow();
                printed.append(i == 0 ? "" : "   ").append(" ".repeat(width - line.get(i).length())).append(line.get(i));
            }
            text.println(printed.toString().stripTrailing());
        }
    }
}
