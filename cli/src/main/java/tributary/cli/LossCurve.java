package tributary.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// A drawing of the training loss, in Braille characters: two by four dots each.
final class LossCurve {
    private static final int WIDTH = 64;
    private static final int HEIGHT = 8;
    private static final int BLANK = 0x2800;
    /// The bit of a dot within a Braille character, by row and column.
    private static final int[][] DOT = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

    private final List<Double> losses = new ArrayList<>();
    private final int firstStep;

    /// @param firstStep the step of the first loss
    LossCurve(int firstStep) {
        this.firstStep = firstStep;
    }

    /// The loss of the next step.
    void add(double loss) {
        losses.add(loss);
    }

    /// The lines of the drawing; none for fewer than two steps.
    List<String> lines() {
        if (losses.size() < 2) {
            return List.of();
        }
        double[] means = columnMeans(Math.min(2 * WIDTH, losses.size()));
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (double mean : means) {
            low = Math.min(low, mean);
            high = Math.max(high, mean);
        }
        char[][] cells = draw(means, low, Math.max(high - low, 1e-9));
        List<String> lines = new ArrayList<>();
        for (int row = 0; row < HEIGHT; row++) {
            String label = row == 0 ? loss(high) : row == HEIGHT - 1 ? loss(low) : "";
            lines.add("%8s │%s".formatted(label, new String(cells[row]).replace((char) BLANK, ' ').stripTrailing()));
        }
        String last = String.format(Locale.ROOT, "%,d", firstStep + losses.size() - 1);
        int columns = (means.length + 1) / 2;
        lines.add("%8s └%s".formatted("", "─".repeat(columns)));
        String first = String.format(Locale.ROOT, "step %,d", firstStep);
        lines.add(" ".repeat(10) + first + " ".repeat(Math.max(1, columns - first.length() - last.length())) + last);
        return lines;
    }

    private double[] columnMeans(int columns) {
        double[] means = new double[columns];
        for (int column = 0; column < columns; column++) {
            int from = (int) ((long) column * losses.size() / columns);
            int to = (int) ((column + 1L) * losses.size() / columns);
            means[column] = losses.subList(from, to).stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        }
        return means;
    }

    private static char[][] draw(double[] means, double low, double range) {
        char[][] cells = new char[HEIGHT][(means.length + 1) / 2];
        for (char[] row : cells) {
            Arrays.fill(row, (char) BLANK);
        }
        int dots = 4 * HEIGHT - 1;
        int before = -1;
        for (int x = 0; x < means.length; x++) {
            int y = (int) Math.round((1 - (means[x] - low) / range) * dots);
            int from = before < 0 ? y : Math.min(y, before + Integer.signum(y - before));
            int to = before < 0 ? y : Math.max(y, before + Integer.signum(y - before));
            for (int dot = from; dot <= to; dot++) { // down from its neighbour, so that a steep fall stays one line
                cells[dot / 4][x / 2] |= (char) DOT[dot % 4][x % 2];
            }
            before = y;
        }
        return cells;
    }

    private static String loss(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }
}
