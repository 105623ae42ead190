package tributary.tensor.simd;

import static tributary.tensor.simd.Lanes.fma;

import java.lang.invoke.VarHandle;
import jdk.incubator.vector.FloatVector;

/// A run of rows of a matrix times a vector, on one thread: each row's product with it, or the sum of the rows by its
/// numbers. Four rows are read side by side, for one load of the vector, or one load and store of the sum. They are a
/// quarter of the run apart: so each goes on in memory where the one before it ended, and the processor, which fetches
/// ahead, is never surprised.
final class MatrixRows {
    /// Floats that [#dots] needs for the lanes: four of the widest vectors, so that no two workers write to one cache line.
    static final int LANES = 64;

    private MatrixRows() {}

    /// y[j] += sum over i < depth of a[j][i] x[i].
    ///
    /// @param lanes scratch memory of [#LANES] floats
    static void dots(int rows, int depth, float[] a, int at, float[] x, int xAt, float[] lanes, float[] y, int yAt) {
        int quarter = rows / 4;
        for (int j = 0; j < quarter; j++) {
            dot4(4, quarter, depth, a, at + j * depth, x, xAt, lanes, y, yAt + j);
        }
        int done = 4 * quarter;
        if (done < rows) {
            dot4(rows - done, 1, depth, a, at + done * depth, x, xAt, lanes, y, yAt + done);
        }
    }

    /// y[j] += sum over p < rows of a[p][j] x[p], for j < width.
    ///
    /// @param stride from row to row
    static void sum(int rows, int width, float[] a, int at, int stride, float[] x, int xAt, float[] y, int yAt) {
        int quarter = rows / 4;
        for (int p = 0; p < quarter; p++) {
            add4(quarter, width, a, at + p * stride, stride, x, xAt + p, y, yAt);
        }
        for (int p = 4 * quarter; p < rows; p++) {
            add(width, a, at + p * stride, x[xAt + p], y, yAt);
        }
    }

    /// y[j] += sum over i < depth of a[j][i] x[i], for up to four rows `apart` from each other: where there are fewer, the
    /// last is read again. A loop of its own for what is left over would be too much for the compiler, which takes both
    /// into one method.
    private static void dot4(
            int rows, int apart, int depth, float[] a, int row0, float[] x, int xAt, float[] lanes, float[] y, int yAt) {
        int step = apart * depth;
        int row1 = rows > 1 ? row0 + step : row0;
        int row2 = rows > 2 ? row1 + step : row1;
        int row3 = rows > 3 ? row2 + step : row2;
        float sum0 = 0;
        float sum1 = 0;
        float sum2 = 0;
        float sum3 = 0;
        int i = 0;
        int bound = Lanes.bound(depth);
        if (bound > 0) {
            FloatVector s0 = FloatVector.zero(Lanes.F);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            for (; i < bound; i += Lanes.LENGTH) {
                if (Lanes.FENCED) {
                    VarHandle.loadLoadFence();
                }
                FloatVector factor = FloatVector.fromArray(Lanes.F, x, xAt + i);
                s0 = FloatVector.fromArray(Lanes.F, a, row0 + i).fma(factor, s0);
                s1 = FloatVector.fromArray(Lanes.F, a, row1 + i).fma(factor, s1);
                s2 = FloatVector.fromArray(Lanes.F, a, row2 + i).fma(factor, s2);
                s3 = FloatVector.fromArray(Lanes.F, a, row3 + i).fma(factor, s3);
            }
            s0.intoArray(lanes, 0);
            s1.intoArray(lanes, Lanes.LENGTH);
            s2.intoArray(lanes, 2 * Lanes.LENGTH);
            s3.intoArray(lanes, 3 * Lanes.LENGTH);
            // By hand: the order in which a reduction adds lanes is unspecified.
            for (int lane = 0; lane < Lanes.LENGTH; lane++) {
                sum0 += lanes[lane];
                sum1 += lanes[Lanes.LENGTH + lane];
                sum2 += lanes[2 * Lanes.LENGTH + lane];
                sum3 += lanes[3 * Lanes.LENGTH + lane];
            }
        }
        for (; i < depth; i++) {
            float factor = x[xAt + i];
            sum0 = fma(a[row0 + i], factor, sum0);
            sum1 = fma(a[row1 + i], factor, sum1);
            sum2 = fma(a[row2 + i], factor, sum2);
            sum3 = fma(a[row3 + i], factor, sum3);
        }
        y[yAt] += sum0;
        if (rows > 1) {
            y[yAt + apart] += sum1;
        }
        if (rows > 2) {
            y[yAt + 2 * apart] += sum2;
        }
        if (rows > 3) {
            y[yAt + 3 * apart] += sum3;
        }
    }

    /// y[j] += sum over four rows p, `apart` from each other, of a[p][j] x[p].
    private static void add4(int apart, int width, float[] a, int row0, int stride, float[] x, int xAt, float[] y, int yAt) {
        int row1 = row0 + apart * stride;
        int row2 = row1 + apart * stride;
        int row3 = row2 + apart * stride;
        float x0 = x[xAt];
        float x1 = x[xAt + apart];
        float x2 = x[xAt + 2 * apart];
        float x3 = x[xAt + 3 * apart];
        int j = 0;
        int bound = Lanes.bound(width);
        if (bound > 0) {
            FloatVector v0 = FloatVector.broadcast(Lanes.F, x0);
            FloatVector v1 = FloatVector.broadcast(Lanes.F, x1);
            FloatVector v2 = FloatVector.broadcast(Lanes.F, x2);
            FloatVector v3 = FloatVector.broadcast(Lanes.F, x3);
            for (; j < bound; j += Lanes.LENGTH) {
                FloatVector sum = FloatVector.fromArray(Lanes.F, y, yAt + j);
                sum = FloatVector.fromArray(Lanes.F, a, row0 + j).fma(v0, sum);
                sum = FloatVector.fromArray(Lanes.F, a, row1 + j).fma(v1, sum);
                sum = FloatVector.fromArray(Lanes.F, a, row2 + j).fma(v2, sum);
                sum = FloatVector.fromArray(Lanes.F, a, row3 + j).fma(v3, sum);
                sum.intoArray(y, yAt + j);
            }
        }
        for (; j < width; j++) {
            y[yAt + j] = fma(a[row3 + j], x3, fma(a[row2 + j], x2, fma(a[row1 + j], x1, fma(a[row0 + j], x0, y[yAt + j]))));
        }
    }

    /// y += a x, for one row.
    static void add(int width, float[] a, int row, float x, float[] y, int yAt) {
        int j = 0;
        int bound = Lanes.bound(width);
        if (bound > 0) {
            FloatVector v = FloatVector.broadcast(Lanes.F, x);
            for (; j < bound; j += Lanes.LENGTH) {
                FloatVector.fromArray(Lanes.F, a, row + j).fma(v, FloatVector.fromArray(Lanes.F, y, yAt + j)).intoArray(y, yAt + j);
            }
        }
        for (; j < width; j++) {
            y[yAt + j] = fma(a[row + j], x, y[yAt + j]);
        }
    }
}
