package tributary.localsgd.figure;

import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.json.JsonFile;

/// Numbers that belong together in [Curves].
///
/// @param name stands in the legend; series of one name are shown and hidden together
/// @param hue 0, 1, ...: series with the same one share colour, symbol and dashes
/// @param points x and y, of a band and of whiskers x, low and high; by x where a line goes through them
public record Series(String name, Mark mark, int hue, List<double[]> points) {

    /// How they are drawn.
    public enum Mark {
        /// A line.
        LINE,
        /// A thin line that stays in the background.
        FAINT,
        /// A symbol each.
        POINTS,
        /// A line through a symbol each.
        LINE_AND_POINTS,
        /// The area between low and high.
        BAND,
        /// A stroke from low to high each.
        WHISKERS;

        /// How many a point has.
        int numbers() {
            return this == BAND || this == WHISKERS ? 3 : 2;
        }
    }

    /// @throws IllegalArgumentException where a point has not as many numbers as its mark takes
    public Series {
        points = List.copyOf(points);
        int numbers = mark.numbers();
        for (double[] point : points) {
            if (point.length != numbers) {
                throw new IllegalArgumentException("series " + name + ": a point of " + point.length + " numbers; a "
                        + mark.name().toLowerCase(Locale.ROOT) + " takes " + numbers);
            }
        }
    }

    /// Without the points that the axes cannot hold.
    ObjectNode toJson(Axis x, Axis y) {
        ObjectNode node = JsonFile.object().put("name", name).put("mark", mark.name().toLowerCase(Locale.ROOT)).put("hue", hue);
        ArrayNode rows = node.putArray("points");
        for (double[] point : points) {
            boolean holds = x.holds(point[0]);
            for (int i = 1; i < point.length; i++) {
                holds &= y.holds(point[i]);
            }
            if (holds) {
                ArrayNode row = rows.addArray();
                for (double number : point) {
                    row.add(number);
                }
            }
        }
        return node;
    }
}
