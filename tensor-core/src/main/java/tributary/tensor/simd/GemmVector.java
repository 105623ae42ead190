package tributary.tensor.simd;

import static tributary.tensor.simd.Lanes.fma;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/// The product of a matrix and a vector: y[i] (+)= bias[i] + sum over p of matrix(i, p) x[p]. Every number of the matrix
/// is used once, so memory sets the pace, and memory is fastest where each thread reads long runs from front to back. So
/// a part is a block of whole rows as they lie in memory, four of which are read side by side:
///
/// - (outputs, depth): a part is some outputs, each the product of its row and x.
/// - (depth, outputs): a part is some steps of the depth; its rows, times their numbers of x, add up to a partial sum of
///   all outputs. The partial sums are added in the order of the parts. They are a small share of what is read.
///
/// The parts depend on the sizes alone: the bits are the same on any number of threads.
final class GemmVector {
    /// Numbers of the matrix in a part, at the least: some microseconds of work.
    private static final int PART = 1 << 14;
    /// Steps of the depth in a part, at the least: the partial sums, written and read once, are one number for so many.
    private static final int PART_DEPTH = 64;
    /// Outputs of a part that sums up over its depth: its partial sums stay in the first cache.
    private static final int PART_OUTPUTS = 4096;
    /// Outputs whose partial sums are added in one part.
    private static final int SUM_OUTPUTS = 512;
    /// Below this many multiply-adds waking other threads costs more than they save.
    private static final long WORTH_SHARING = 1 << 16;
    private static final float[] NONE = {};

    private final Workers workers;
    private final Workers.Task dots = this::dots;
    private final Workers.Task sums = this::sums;
    private final Workers.Task total = this::total;
    private final float[][] lanes;
    /// One row of partial sums for each part of the depth.
    private float[] partial = NONE;

    // The product at work.
    private float[] matrix = NONE;
    private float[] x = NONE;
    private float[] bias = NONE;
    private float[] y = NONE;
    private int matrixAt;
    private int xAt;
    private int yAt;
    private int outputs;
    private int depth;
    private boolean biasPerOutput;
    private boolean accumulate;
    /// Rows of the matrix in a part.
    private int rows;
    private int depthParts;

    GemmVector(Workers workers) {
        this.workers = workers;
        lanes = new float[workers.threads()][4 * Lanes.LENGTH];
    }

    /// @param along whether an output's numbers are neighbours, as in (outputs, depth); otherwise (depth, outputs)
    /// @param biasPerOutput false adds bias[0] to every output
    void multiply(
            float[] matrix, int matrixAt, int outputs, int depth, boolean along, float[] x, int xAt,
            float[] bias, boolean biasPerOutput, boolean accumulate, float[] y, int yAt) {
        this.matrix = matrix;
        this.matrixAt = matrixAt;
        this.outputs = outputs;
        this.depth = depth;
        this.x = x;
        this.xAt = xAt;
        this.bias = bias;
        this.biasPerOutput = biasPerOutput;
        this.accumulate = accumulate;
        this.y = y;
        this.yAt = yAt;
        if (along) {
            rows = Math.max(4, PART / depth / 4 * 4);
            share(parts(outputs, rows), dots);
        } else {
            rows = Math.max(PART_DEPTH, PART / outputs / 4 * 4);
            depthParts = parts(depth, rows);
            partial = partial.length >= depthParts * outputs ? partial : new float[depthParts * outputs];
            share(depthParts * parts(outputs, PART_OUTPUTS), sums);
            share(parts(outputs, SUM_OUTPUTS), total);
        }
        this.matrix = NONE;
        this.x = NONE;
        this.bias = NONE;
        this.y = NONE;
    }

    private void share(int parts, Workers.Task task) {
        if ((long) outputs * depth < WORTH_SHARING) {
            for (int part = 0; part < parts; part++) {
                task.run(part, 0);
            }
        } else {
            workers.run(parts, task);
        }
    }

    private static int parts(int length, int step) {
        return (length - 1) / step + 1;
    }

    /// Some outputs, each from its own row.
    private void dots(int part, int worker) {
        int from = part * rows;
        int to = Math.min(from + rows, outputs);
        start(from, to);
        int i = from;
        for (; i + 4 <= to; i += 4) {
            dot4(depth, matrix, matrixAt + i * depth, x, xAt, lanes[worker], y, yAt + i);
        }
        for (; i < to; i++) {
            y[yAt + i] += dot(depth, matrix, matrixAt + i * depth, x, xAt, lanes[worker]);
        }
    }

    /// What some steps of the depth add to some outputs.
    private void sums(int part, int worker) {
        int depthPart = part % depthParts;
        int from = depthPart * rows;
        int to = Math.min(from + rows, depth);
        int first = part / depthParts * PART_OUTPUTS;
        int width = Math.min(PART_OUTPUTS, outputs - first);
        int at = depthPart * outputs + first;
        Arrays.fill(partial, at, at + width, 0f);
        int p = from;
        for (; p + 4 <= to; p += 4) {
            add4(width, matrix, matrixAt + p * outputs + first, outputs, x, xAt + p, partial, at);
        }
        for (; p < to; p++) {
            add(width, matrix, matrixAt + p * outputs + first, x[xAt + p], partial, at);
        }
    }

    /// Some outputs from their partial sums.
    private void total(int part, int worker) {
        int from = part * SUM_OUTPUTS;
        int to = Math.min(from + SUM_OUTPUTS, outputs);
        start(from, to);
        for (int depthPart = 0; depthPart < depthParts; depthPart++) {
            add(to - from, partial, depthPart * outputs + from, 1f, y, yAt + from);
        }
    }

    /// Sets outputs to what is there before the product.
    private void start(int from, int to) {
        for (int i = from; i < to; i++) {
            float first = bias[biasPerOutput ? i : 0];
            y[yAt + i] = accumulate ? y[yAt + i] + first : first;
        }
    }

    /// y[j] += sum over i < depth of a[j][i] x[i], for four rows.
    private static void dot4(int depth, float[] a, int row0, float[] x, int xAt, float[] sums, float[] y, int yAt) {
        int row1 = row0 + depth;
        int row2 = row1 + depth;
        int row3 = row2 + depth;
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
                FloatVector factor = FloatVector.fromArray(Lanes.F, x, xAt + i);
                s0 = fma(FloatVector.fromArray(Lanes.F, a, row0 + i), factor, s0);
                s1 = fma(FloatVector.fromArray(Lanes.F, a, row1 + i), factor, s1);
                s2 = fma(FloatVector.fromArray(Lanes.F, a, row2 + i), factor, s2);
                s3 = fma(FloatVector.fromArray(Lanes.F, a, row3 + i), factor, s3);
            }
            s0.intoArray(sums, 0);
            s1.intoArray(sums, Lanes.LENGTH);
            s2.intoArray(sums, 2 * Lanes.LENGTH);
            s3.intoArray(sums, 3 * Lanes.LENGTH);
            // By hand: the order in which a reduction adds lanes is unspecified.
            for (int lane = 0; lane < Lanes.LENGTH; lane++) {
                sum0 += sums[lane];
                sum1 += sums[Lanes.LENGTH + lane];
                sum2 += sums[2 * Lanes.LENGTH + lane];
                sum3 += sums[3 * Lanes.LENGTH + lane];
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
        y[yAt + 1] += sum1;
        y[yAt + 2] += sum2;
        y[yAt + 3] += sum3;
    }

    private static float dot(int depth, float[] a, int row, float[] x, int xAt, float[] sums) {
        float sum = 0;
        int i = 0;
        int bound = Lanes.bound(depth);
        if (bound > 0) {
            FloatVector s = FloatVector.zero(Lanes.F);
            for (; i < bound; i += Lanes.LENGTH) {
                s = fma(FloatVector.fromArray(Lanes.F, a, row + i), FloatVector.fromArray(Lanes.F, x, xAt + i), s);
            }
            s.intoArray(sums, 0);
            for (int lane = 0; lane < Lanes.LENGTH; lane++) {
                sum += sums[lane];
            }
        }
        for (; i < depth; i++) {
            sum = fma(a[row + i], x[xAt + i], sum);
        }
        return sum;
    }

    /// y[j] += sum over p < 4 of a[p][j] x[p]: four rows for one load and one store of y.
    private static void add4(int width, float[] a, int row0, int stride, float[] x, int xAt, float[] y, int yAt) {
        int row1 = row0 + stride;
        int row2 = row1 + stride;
        int row3 = row2 + stride;
        float x0 = x[xAt];
        float x1 = x[xAt + 1];
        float x2 = x[xAt + 2];
        float x3 = x[xAt + 3];
        int j = 0;
        int bound = Lanes.bound(width);
        if (bound > 0) {
            FloatVector v0 = FloatVector.broadcast(Lanes.F, x0);
            FloatVector v1 = FloatVector.broadcast(Lanes.F, x1);
            FloatVector v2 = FloatVector.broadcast(Lanes.F, x2);
            FloatVector v3 = FloatVector.broadcast(Lanes.F, x3);
            for (; j < bound; j += Lanes.LENGTH) {
                FloatVector sum = FloatVector.fromArray(Lanes.F, y, yAt + j);
                sum = fma(FloatVector.fromArray(Lanes.F, a, row0 + j), v0, sum);
                sum = fma(FloatVector.fromArray(Lanes.F, a, row1 + j), v1, sum);
                sum = fma(FloatVector.fromArray(Lanes.F, a, row2 + j), v2, sum);
                sum = fma(FloatVector.fromArray(Lanes.F, a, row3 + j), v3, sum);
                sum.intoArray(y, yAt + j);
            }
        }
        for (; j < width; j++) {
            y[yAt + j] = fma(a[row3 + j], x3, fma(a[row2 + j], x2, fma(a[row1 + j], x1, fma(a[row0 + j], x0, y[yAt + j]))));
        }
    }

    private static void add(int width, float[] a, int row, float x, float[] y, int yAt) {
        int j = 0;
        int bound = Lanes.bound(width);
        if (bound > 0) {
            FloatVector v = FloatVector.broadcast(Lanes.F, x);
            for (; j < bound; j += Lanes.LENGTH) {
                fma(FloatVector.fromArray(Lanes.F, a, row + j), v, FloatVector.fromArray(Lanes.F, y, yAt + j)).intoArray(y, yAt + j);
            }
        }
        for (; j < width; j++) {
            y[yAt + j] = fma(a[row + j], x, y[yAt + j]);
        }
    }
}
