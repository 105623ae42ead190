package tributary.localsgd.figure;

import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Bars cut into parts.
///
/// @param rows a bar each
/// @param parts what the bars are cut into
/// @param values for each row a number for each part, as long as the axis counts
public record Shares(Caption caption, List<String> rows, List<String> parts, Axis axis, double[][] values) implements Figure {

    public Shares {
        rows = List.copyOf(rows);
        parts = List.copyOf(parts);
    }

    @Override
    public String json() {
        ObjectNode node = caption.toJson("shares");
        node.set("x", axis.toJson());
        rows.forEach(node.putArray("rows")::add);
        parts.forEach(node.putArray("parts")::add);
        ArrayNode all = node.putArray("values");
        for (double[] row : values) {
            ArrayNode numbers = all.addArray();
            for (double value : row) {
                numbers.add(value);
            }
        }
        return node.toString();
    }
}
