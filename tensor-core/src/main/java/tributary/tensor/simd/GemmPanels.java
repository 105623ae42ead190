package tributary.tensor.simd;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// Packing: a panel is a strip of a matrix, `width` lines wide, rewritten so that the numbers of one step of k stand side
/// by side. A [GemmTile] then reads memory strictly forward, whatever the layout and the row length of the matrix were,
/// and finds zeros where the matrix ends.
final class GemmPanels {
    /// A panel's depth is a multiple of this: what a tile takes in a turn is one, two or four steps of k.
    static final int TURN = 4;

    /// Steps of k that [#interleave] writes for all lines before it goes on.
    private static final int STRETCH = 64;

    /// Whether vectors of 16 lanes exchange numbers in registers.
    static final boolean WIDE = !Lanes.SCALAR && Lanes.LENGTH == 16;

    /// All bits as often as a vector has lanes, then none as often: a vector read from here keeps the first so many lanes.
    private static final int[] KEPT = new int[2 * Lanes.LENGTH];

    static {
        Arrays.fill(KEPT, 0, Lanes.LENGTH, -1);
    }

    private GemmPanels() {}

    /// The depth of a panel that holds `depth` steps: rounded up to whole turns.
    static int depth(int depth) {
        return (depth + TURN - 1) / TURN * TURN;
    }

    /// Packs `lines` <= `width` lines of `depth` steps into a panel of `width` lines and a depth of whole turns.
    ///
    /// @param along whether a line's numbers are neighbours in the matrix, `stride` from line to line; otherwise a step's
    ///     numbers are neighbours, `stride` from step to step
    static void pack(boolean along, float[] matrix, int at, int stride, int lines, int depth, int width, float[] panel, int to) {
        if (lines < width) {
            part(along, matrix, at, stride, lines, depth, width, panel, to);
        } else if (along) {
            interleave(matrix, at, stride, depth, width, panel, to);
        } else {
            copy(matrix, at, stride, 1, depth, width, panel, to, 0);
            return;
        }
        Arrays.fill(panel, to + depth * width, to + depth(depth) * width, 0);
    }

    /// A panel of which not all lines exist: zeros stand for the others.
    private static void part(boolean along, float[] matrix, int at, int stride, int lines, int depth, int width, float[] panel, int to) {
        if (along) {
            int i = 0;
            for (; i + 4 <= lines; i += 4) {
                interleaveFour(matrix, at + i * stride, stride, depth, width, panel, to + i);
            }
            for (int p = 0; p < depth; p++) {
                int row = to + p * width;
                for (int j = i; j < lines; j++) {
                    panel[row + j] = matrix[at + j * stride + p];
                }
                for (int j = lines; j < width; j++) {
                    panel[row + j] = 0;
                }
            }
            return;
        }
        int whole = Lanes.SCALAR ? 0 : padded(matrix, at, stride, lines, depth, width, panel, to);
        for (int p = whole; p < depth; p++) {
            int row = to + p * width;
            System.arraycopy(matrix, at + p * stride, panel, row, lines);
            Arrays.fill(panel, row + lines, row + width, 0);
        }
    }

    /// Copies by vectors, zeros where there are no lines, as many steps as [#safe] allows, and says how many.
    private static int padded(float[] matrix, int at, int stride, int lines, int depth, int width, float[] panel, int to) {
        int last = (lines - 1) / Lanes.LENGTH * Lanes.LENGTH;
        int steps = Math.max(0, safe(matrix.length - Lanes.LENGTH - last - at, stride, depth, width));
        for (int i = 0; i < width; i += Lanes.LENGTH) {
            strip(matrix, at + Math.min(i, last), stride, lines - i, steps, width, panel, to + i);
        }
        return steps;
    }

    /// Copies a vector of every step, of which the first `lines` numbers count and the others become zeros.
    private static void strip(float[] matrix, int at, int stride, int lines, int steps, int width, float[] panel, int to) {
        IntVector kept = IntVector.fromArray(Lanes.I, KEPT, Lanes.LENGTH - Math.clamp(lines, 0, Lanes.LENGTH));
        for (int p = 0; p < steps; p++) {
            FloatVector.fromArray(Lanes.F, matrix, at + p * stride).reinterpretAsInts().and(kept).reinterpretAsFloats()
                    .intoArray(panel, to + p * width);
        }
    }

    /// How many steps can be copied by whole vectors where the panel is narrower than one: the next step overwrites what
    /// is too much, and the last steps, which would leave the panel or the matrix, are copied number by number.
    ///
    /// @param lastStart where in the matrix a vector may start at the latest, counted from the first step's first number
    private static int safe(int lastStart, int stride, int depth, int width) {
        return Math.min(depth - (Lanes.LENGTH - 1) / width, Math.floorDiv(lastStart, stride) + 1);
    }

    /// Writes stretch by stretch, so that the panel stays in the first cache while its lines are read one after another.
    private static void interleave(float[] matrix, int at, int stride, int depth, int width, float[] panel, int to) {
        int done = 0;
        if (WIDE && (width == 12 || width % 16 == 0)) {
            done = depth - depth % GemmInterleave512.STEPS;
            interleaveWide(matrix, at, stride, done, width, panel, to);
        }
        for (int first = done; first < depth; first += STRETCH) {
            int steps = Math.min(STRETCH, depth - first);
            int i = 0;
            for (; i + 4 <= width; i += 4) {
                interleaveFour(matrix, at + i * stride + first, stride, steps, width, panel, to + first * width + i);
            }
            for (; i < width; i += 2) {
                interleaveTwo(matrix, at + i * stride + first, stride, steps, width, panel, to + first * width + i);
            }
        }
    }

    /// Lines are read to the end, 12 or 16 at once: of more than that the processor does not fetch ahead as well.
    private static void interleaveWide(float[] matrix, int at, int stride, int depth, int width, float[] panel, int to) {
        if (width == 12) {
            for (int p = 0; p < depth; p += GemmInterleave512.STEPS) {
                GemmInterleave512.twelve(matrix, at + p, stride, panel, to + p * width);
            }
            return;
        }
        for (int i = 0; i < width; i += 16) {
            for (int p = 0; p < depth; p += GemmInterleave512.STEPS) {
                GemmInterleave512.sixteen(matrix, at + i * stride + p, stride, panel, to + p * width + i, width);
            }
        }
    }

    /// Four lines: reads forward along each and writes four neighbours.
    private static void interleaveFour(float[] matrix, int line0, int stride, int steps, int width, float[] panel, int to) {
        int line1 = line0 + stride;
        int line2 = line1 + stride;
        int line3 = line2 + stride;
        for (int p = 0; p < steps; p++) {
            int row = to + p * width;
            panel[row] = matrix[line0 + p];
            panel[row + 1] = matrix[line1 + p];
            panel[row + 2] = matrix[line2 + p];
            panel[row + 3] = matrix[line3 + p];
        }
    }

    private static void interleaveTwo(float[] matrix, int line0, int stride, int steps, int width, float[] panel, int to) {
        int line1 = line0 + stride;
        for (int p = 0; p < steps; p++) {
            int row = to + p * width;
            panel[row] = matrix[line0 + p];
            panel[row + 1] = matrix[line1 + p];
        }
    }

    /// Packs several whole panels of a matrix whose steps' numbers are neighbours. Step by step over all panels, so that
    /// the matrix, which may be far from the processor, is read in long stretches.
    ///
    /// @param panelSize from panel to panel
    static void copy(float[] matrix, int at, int stride, int panels, int depth, int width, float[] packed, int to, int panelSize) {
        int vectors = Lanes.SCALAR ? 0 : (width + Lanes.LENGTH - 1) / Lanes.LENGTH;
        int p = 0;
        if (vectors == 1) {
            int safe = safe(matrix.length - Lanes.LENGTH - (panels - 1) * width - at, stride, depth, width);
            for (; p < safe; p++) {
                int from = at + p * stride;
                int row = to + p * width;
                for (int q = 0; q < panels; q++) {
                    FloatVector.fromArray(Lanes.F, matrix, from + q * width).intoArray(packed, row + q * panelSize);
                }
            }
        } else if (vectors == 2) {
            for (; p < depth; p++) {
                int from = at + p * stride;
                int row = to + p * width;
                for (int q = 0; q < panels; q++) {
                    FloatVector left = FloatVector.fromArray(Lanes.F, matrix, from + q * width);
                    FloatVector right = FloatVector.fromArray(Lanes.F, matrix, from + q * width + Lanes.LENGTH);
                    left.intoArray(packed, row + q * panelSize);
                    right.intoArray(packed, row + q * panelSize + Lanes.LENGTH);
                }
            }
        }
        for (; p < depth; p++) {
            for (int q = 0; q < panels; q++) {
                for (int i = 0; i < width; i++) {
                    packed[to + q * panelSize + p * width + i] = matrix[at + p * stride + q * width + i];
                }
            }
        }
        for (int q = 0; q < panels; q++) {
            int panel = to + q * panelSize;
            Arrays.fill(packed, panel + depth * width, panel + depth(depth) * width, 0);
        }
    }
}
