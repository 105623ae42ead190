package tributary.localsgd.study;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// A text of headings, paragraphs and tables.
final class Markdown {
    private final StringBuilder text = new StringBuilder();

    void heading(String words) {
        text.append(text.isEmpty() ? "# " : "\n## ").append(words).append('\n');
    }

    /// @param format as [String#format]
    void paragraph(String format, Object... facts) {
        text.append('\n').append(String.format(Locale.ROOT, format, facts)).append('\n');
    }

    /// The first column is words, the others are numbers.
    ///
    /// @param rows as many cells as names each
    void table(List<String> names, List<List<String>> rows) {
        text.append('\n').append(line(names)).append("|---|").append("---:|".repeat(names.size() - 1)).append('\n');
        rows.forEach(row -> text.append(line(row)));
    }

    private static String line(List<String> cells) {
        return cells.stream().map(cell -> cell.replace("|", "\\|")).collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
