package tributary.localsgd.figure;

import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Lines, points and bands over two axes.
public record Curves(Caption caption, Axis x, Axis y, List<Series> series) implements Figure {

    public Curves {
        series = List.copyOf(series);
    }

    @Override
    public String json() {
        ObjectNode node = caption.toJson("curves");
        node.set("x", x.toJson());
        node.set("y", y.toJson());
        ArrayNode all = node.putArray("series");
        series.forEach(one -> all.add(one.toJson(x, y)));
        return node.toString();
    }
}
