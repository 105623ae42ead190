package tributary.tensor.simd;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/// Packing: a panel is a strip of a matrix, `width` lines wide, rewritten so that the numbers of one step of k stand side
/// by side. A [GemmTile] then reads memory strictly forward, whatever the layout and the row length of the matrix were,
/// and finds zeros where the matrix ends.
final class GemmPanels {
    /// Steps of k that [#interleave] writes for all lines before it goes on.
    private static final int STRETCH = 64;

    /// Whether vectors of 16 lanes exchange numbers in registers.
    private static final boolean WIDE = !Lanes.SCALAR && Lanes.LENGTH == 16;

    private GemmPanels() {}

    /// The depth of a panel that holds `depth` steps: the next even number.
    static int depth(int depth) {
        return depth + 1 & ~1;
    }

    /// Packs `lines` <= `width` lines of `depth` steps into a panel of `width` lines and an even depth.
    ///
    /// @param along whether a line's numbers are neighbours in the matrix, `stride` from line to line; otherwise a step's
    ///     numbers are neighbours, `stride` from step to step
    static void pack(boolean along, float[] matrix, int at, int stride, int lines, int depth, int width, float[] panel, int to) {
        if (lines < width) {
            part(along, matrix, at, stride, lines, depth, width, panel, to);
        } else if (along) {
            interleave(matrix, at, stride, depth, width, panel, to);
        } else {
            copy(matrix, at, stride, depth, width, panel, to);
        }
        if ((depth & 1) != 0) {
            int end = to + depth * width;
            Arrays.fill(panel, end, end + width, 0);
        }
    }

    private static void part(boolean along, float[] matrix, int at, int stride, int lines, int depth, int width, float[] panel, int to) {
        int lineStride = along ? stride : 1;
        int stepStride = along ? 1 : stride;
        for (int p = 0; p < depth; p++) {
            int row = to + p * width;
            int from = at + p * stepStride;
            for (int i = 0; i < lines; i++) {
                panel[row + i] = matrix[from + i * lineStride];
            }
            Arrays.fill(panel, row + lines, row + width, 0);
        }
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
            for (int i = 0; i < width; i += 4) {
                interleaveFour(matrix, at + i * stride + first, stride, steps, width, panel, to + first * width + i);
            }
        }
    }

    private static void interleaveWide(float[] matrix, int at, int stride, int depth, int width, float[] panel, int to) {
        for (int p = 0; p < depth; p += GemmInterleave512.STEPS) {
            if (width == 12) {
                GemmInterleave512.twelve(matrix, at + p, stride, panel, to + p * width);
            } else {
                for (int i = 0; i < width; i += 16) {
                    GemmInterleave512.sixteen(matrix, at + i * stride + p, stride, panel, to + p * width + i, width);
                }
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

    private static void copy(float[] matrix, int at, int stride, int depth, int width, float[] panel, int to) {
        int vectors = Lanes.SCALAR ? 0 : (width + Lanes.LENGTH - 1) / Lanes.LENGTH;
        int p = 0;
        if (vectors == 1) {
            // A whole vector where the panel is narrower: the next step overwrites what is too much, and the last steps,
            // which would leave the panel or the matrix, are copied one by one.
            int safe = Math.min(depth - (Lanes.LENGTH - 1) / width, Math.floorDiv(matrix.length - Lanes.LENGTH - at, stride) + 1);
            for (; p < safe; p++) {
                FloatVector.fromArray(Lanes.F, matrix, at + p * stride).intoArray(panel, to + p * width);
            }
        } else if (vectors == 2) {
            for (; p < depth; p++) {
                FloatVector left = FloatVector.fromArray(Lanes.F, matrix, at + p * stride);
                FloatVector right = FloatVector.fromArray(Lanes.F, matrix, at + p * stride + Lanes.LENGTH);
                left.intoArray(panel, to + p * width);
                right.intoArray(panel, to + p * width + Lanes.LENGTH);
            }
        }
        for (; p < depth; p++) {
            for (int i = 0; i < width; i++) {
                panel[to + p * width + i] = matrix[at + p * stride + i];
            }
        }
    }
}
