package tributary.tensor.simd;

import java.util.Arrays;

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
    /// Parts that a matrix is cut into, unless they became smaller or larger than what follows.
    private static final int PARTS = 16;
    /// Numbers of the matrix in a part: some microseconds of work at the least, and of one run through memory at the most.
    private static final int SMALLEST_PART = 1 << 14;
    private static final int LARGEST_PART = 1 << 17;
    /// Steps of the depth in a part, at the least: the partial sums, written and read once, are one number for so many.
    private static final int PART_DEPTH = 64;
    /// Outputs of a part that sums up over its depth: its partial sums stay in the first cache.
    private static final int PART_OUTPUTS = 4096;
    /// Outputs whose partial sums are added in one part.
    private static final int SUM_OUTPUTS = 384;
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
        lanes = new float[workers.threads()][MatrixRows.LANES];
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
            rows = Math.max(4, rows(outputs, depth));
            share(parts(outputs, rows), dots);
        } else {
            rows = Math.max(PART_DEPTH, rows(depth, outputs));
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

    /// Rows of a part where the whole matrix has `all` of `width` numbers: fours, because so many are read side by side.
    private static int rows(int all, int width) {
        long part = Math.clamp((long) all * width / PARTS, SMALLEST_PART, LARGEST_PART);
        return (int) (part / width / 4 * 4);
    }

    private static int parts(int length, int step) {
        return (length - 1) / step + 1;
    }

    /// Some outputs, each from its own row.
    private void dots(int part, int worker) {
        int from = part * rows;
        int to = Math.min(from + rows, outputs);
        start(from, to);
        MatrixRows.dots(to - from, depth, matrix, matrixAt + from * depth, x, xAt, lanes[worker], y, yAt + from);
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
        MatrixRows.sum(to - from, width, matrix, matrixAt + from * outputs + first, outputs, x, xAt + from, partial, at);
    }

    /// Some outputs from their partial sums.
    private void total(int part, int worker) {
        int from = part * SUM_OUTPUTS;
        int to = Math.min(from + SUM_OUTPUTS, outputs);
        start(from, to);
        for (int depthPart = 0; depthPart < depthParts; depthPart++) {
            MatrixRows.add(to - from, partial, depthPart * outputs + from, 1f, y, yAt + from);
        }
    }

    /// Sets outputs to what is there before the product.
    private void start(int from, int to) {
        for (int i = from; i < to; i++) {
            float first = bias[biasPerOutput ? i : 0];
            y[yAt + i] = accumulate ? y[yAt + i] + first : first;
        }
    }
}
