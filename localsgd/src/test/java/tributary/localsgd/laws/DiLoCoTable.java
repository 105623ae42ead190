package tributary.localsgd.laws;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The losses of Charles et al. 2025, arXiv:2503.09799: a row a size, the columns data parallel and M = 1, 2, 4, 8.
final class DiLoCoTable {
    static final int[] REPLICAS = {1, 2, 4, 8};
    private static final double[][] ROWS = {
        {35e6, 3.485, 3.482, 3.508, 3.554, 3.621},
        {90e6, 3.167, 3.162, 3.182, 3.213, 3.265},
        {180e6, 2.950, 2.943, 2.957, 2.981, 3.019},
        {335e6, 2.784, 2.777, 2.788, 2.808, 2.841},
        {550e6, 2.653, 2.645, 2.657, 2.673, 2.698},
        {1.3e9, 2.460, 2.451, 2.464, 2.472, 2.493},
        {2.4e9, 2.326, 2.317, 2.323, 2.332, 2.351},
    };

    private DiLoCoTable() {}

    /// One column as points of N: 0 is data parallel, i the i-th number of replicas.
    static List<Point> column(int column) {
        List<Point> points = new ArrayList<>();
        for (double[] row : ROWS) {
            points.add(new Point(Map.of(Quantity.PARAMETERS, row[0]), row[1 + column]));
        }
        return points;
    }

    /// DiLoCo as points of N and M.
    static List<Point> joint() {
        List<Point> points = new ArrayList<>();
        for (double[] row : ROWS) {
            for (int i = 0; i < REPLICAS.length; i++) {
                points.add(new Point(Map.of(Quantity.PARAMETERS, row[0], Quantity.REPLICAS, (double) REPLICAS[i]), row[2 + i]));
            }
        }
        return points;
    }
}
