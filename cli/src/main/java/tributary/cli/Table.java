package tributary.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Two columns: a name and what it is.
final class Table {
    private final List<String> names = new ArrayList<>();
    private final List<String> values = new ArrayList<>();

    /// Adds a row.
    ///
    /// @param format of the value, as [String#format]
    void row(String name, String format, Object... facts) {
        names.add(name);
        values.add(String.format(Locale.ROOT, format, facts));
    }

    void print(PrintWriter text) {
        int width = names.stream().mapToInt(String::length).max().orElse(0);
        for (int i = 0; i < names.size(); i++) {
            text.println(names.get(i) + " ".repeat(width - names.get(i).length() + 3) + values.get(i));
        }
    }
}
