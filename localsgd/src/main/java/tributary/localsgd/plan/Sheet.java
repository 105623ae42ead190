package tributary.localsgd.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// A table of a plan: for people, and as JSON.
///
/// ```
/// {"name": "ways", "title": "...", "columns": [{"name": "hours", "title": "time", "unit": "h"}, ...],
///  "rows": [{"way": "two-stage", "hours": 12.5, ...}, ...],
///  "chart": {"x": "bandwidth", "y": ["data-parallel", ...], "log": true, "title": "utilisation"}}
/// ```
///
/// Every row has every column; null where there is no such number. A chart is there where the sheet is made to be drawn.
final class Sheet {
    private final String name;
    private final String title;
    private final List<Column> columns;
    private final Optional<Chart> chart;
    private final List<List<Cell>> rows = new ArrayList<>();

    /// @param name in snake case
    record Column(String name, String title, Unit unit) {}

    /// @param x a column
    /// @param y columns
    /// @param log whether x is logarithmic
    /// @param title of what stands upwards
    record Chart(String x, List<String> y, boolean log, String title) {}

    private sealed interface Cell {}

    private record Text(String text) implements Cell {}

    private record Amount(double value) implements Cell {}

    private record Nothing() implements Cell {}

    Sheet(String name, String title, List<Column> columns, Optional<Chart> chart) {
        this.name = name;
        this.title = title;
        this.columns = List.copyOf(columns);
        this.chart = chart;
    }

    Sheet(String name, String title, List<Column> columns) {
        this(name, title, columns, Optional.empty());
    }

    /// Adds a row.
    ///
    /// @param cells one for each column: a text, or a number; one that is not finite is none
    void row(Object... cells) {
        if (cells.length != columns.size()) {
            throw new IllegalArgumentException(name + ": " + cells.length + " cells for " + columns.size() + " columns");
        }
        List<Cell> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(switch (cell) {
                case Number number when Double.isFinite(number.doubleValue()) -> new Amount(number.doubleValue());
                case Number none -> new Nothing();
                default -> new Text(cell.toString());
            });
        }
        rows.add(row);
    }

    boolean isDrawn() {
        return chart.isPresent();
    }

    /// In columns, the numbers to the right.
    String text() {
        List<List<String>> lines = new ArrayList<>();
        lines.add(columns.stream().map(Column::title).toList());
        for (List<Cell> row : rows) {
            List<String> line = new ArrayList<>();
            for (int i = 0; i < row.size(); i++) {
                line.add(switch (row.get(i)) {
                    case Text(String text) -> text;
                    case Amount(double value) -> columns.get(i).unit().text(value);
                    case Nothing() -> "-";
                });
            }
            lines.add(line);
        }
        StringBuilder out = new StringBuilder(title).append('\n');
        for (List<String> line : lines) {
            StringBuilder written = new StringBuilder();
            for (int i = 0; i < line.size(); i++) {
                int column = i;
                int width = lines.stream().mapToInt(other -> other.get(column).length()).max().orElseThrow();
                String alignment = columns.get(i).unit() == Unit.TEXT ? "  %-" : "  %";
                written.append(String.format(Locale.ROOT, alignment + width + "s", line.get(i)));
            }
            out.append(written.toString().stripTrailing()).append('\n');
        }
        return out.toString();
    }

    void writeTo(ObjectNode object) {
        object.put("name", name).put("title", title);
        for (Column column : columns) {
            object.withArray("columns").addObject().put("name", column.name()).put("title", column.title())
                    .put("unit", column.unit().symbol());
        }
        object.putArray("rows");
        for (List<Cell> row : rows) {
            ObjectNode node = object.withArray("rows").addObject();
            for (int i = 0; i < row.size(); i++) {
                String key = columns.get(i).name();
                switch (row.get(i)) {
                    case Text(String text) -> node.put(key, text);
                    case Amount(double value) -> node.put(key, value);
                    case Nothing() -> node.putNull(key);
                }
            }
        }
        chart.ifPresent(drawn -> {
            ObjectNode node = object.putObject("chart").put("x", drawn.x());
            drawn.y().forEach(node.withArray("y")::add);
            node.put("log", drawn.log()).put("title", drawn.title());
        });
    }
}
