package tributary.localsgd.figure;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A number for each pair of a column and a row, as a colour and in digits.
///
/// @param x name of the columns
/// @param y name of the rows
/// @param value what the numbers are
/// @param value what the numbers are; its scale is that of the colours
/// @param cells for each row a cell for each column; empty where there is no number
/// @param signed whether below and above zero are two colours
public record HeatMap(
        Caption caption, String x, List<String> columns, String y, List<String> rows, Axis value, List<List<Optional<Cell>>> cells,
        boolean signed) implements Figure {

    /// A number.
    ///
    /// @param bounds low and high, between which it lies with 95 %; empty where that is not known
    public record Cell(double value, Optional<double[]> bounds) {

        /// Without bounds.
        public static Cell of(double value) {
            return new Cell(value, Optional.empty());
        }
    }

    /// @throws IllegalArgumentException where the cells are not as many as rows times columns
    public HeatMap {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
        cells = List.copyOf(cells);
        if (cells.size() != rows.size()) {
            throw new IllegalArgumentException("map " + caption.id() + ": " + cells.size() + " rows of cells for " + rows.size() + " rows");
        }
        for (List<Optional<Cell>> row : cells) {
            if (row.size() != columns.size()) {
                throw new IllegalArgumentException(
                        "map " + caption.id() + ": a row of " + row.size() + " cells for " + columns.size() + " columns");
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
        for (int row = 0; row < rows.size(); row++) {
            for (int column = 0; column < columns.size(); column++) {
                int across = column;
                int up = row;
                cells.get(row).get(column).filter(cell -> value.holds(cell.value())).ifPresent(cell -> {
                    ArrayNode numbers = values.addArray().add(across).add(up).add(cell.value());
                    cell.bounds().ifPresent(bounds -> numbers.add(bounds[0]).add(bounds[1]));
                });
            }
        }
        return node.toString();
    }
}
