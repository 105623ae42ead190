package tributary.localsgd.figure;

import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A number for each pair of a column and a row, as a colour and in digits.
///
/// @param x name of the columns
/// @param y name of the rows
/// @param value what the numbers are
/// @param cells for each row a number for each column; NaN where there is none
/// @param signed whether below and above zero are two colours
public record HeatMap(
        Caption caption, String x, List<String> columns, String y, List<String> rows, Axis value, double[][] cells,
        boolean signed) implements Figure {

    /// @throws IllegalArgumentException where the cells are not as many as rows times columns
    public HeatMap {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
        if (cells.length != rows.size()) {
            throw new IllegalArgumentException("map " + caption.id() + ": " + cells.length + " rows of cells for " + rows.size() + " rows");
        }
        for (double[] row : cells) {
            if (row.length != columns.size()) {
                throw new IllegalArgumentException(
                        "map " + caption.id() + ": a row of " + row.length + " cells for " + columns.size() + " columns");
            }
        }
    }

    @Override
    public String json() {
        ObjectNode node = caption.toJson("map").put("x", x).put("y", y).put("signed", signed);
        node.set("value", value.toJson());
        columns.forEach(node.putArray("columns")::add);
        rows.forEach(node.putArray("rows")::add);
        ArrayNode values = node.putArray("cells");
        for (int row = 0; row < cells.length; row++) {
            for (int column = 0; column < cells[row].length; column++) {
                if (Double.isFinite(cells[row][column])) {
                    values.addArray().add(column).add(row).add(cells[row][column]);
                }
            }
        }
        return node.toString();
    }
}
