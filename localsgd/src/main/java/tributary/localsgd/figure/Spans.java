package tributary.localsgd.figure;

import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Who did what when: a row each, time from left to right.
///
/// @param parts what there is to do, such as `compute`
public record Spans(Caption caption, List<String> rows, List<String> parts, Axis time, List<Span> spans) implements Figure {

    /// @param row index of who did it
    /// @param part index of what was done
    public record Span(int row, int part, double from, double to) {}

    public Spans {
        rows = List.copyOf(rows);
        parts = List.copyOf(parts);
        spans = List.copyOf(spans);
    }

    @Override
    public String json() {
        ObjectNode node = caption.toJson("spans");
        node.set("x", time.toJson());
        rows.forEach(node.putArray("rows")::add);
        parts.forEach(node.putArray("parts")::add);
        ArrayNode all = node.putArray("spans");
        spans.forEach(span -> all.addArray().add(span.row()).add(span.part()).add(span.from()).add(span.to()));
        return node.toString();
    }
}
