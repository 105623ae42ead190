package tributary.tensor.simd;

import tributary.tensor.Tensor;

/// A task over the indices [0, length), cut into parts of a fixed size, whatever the number of threads: the same parts
/// give the same bits on any crew. Work of one part runs on the caller at once.
///
/// A kernel is an instance that is used again and again: it sets its operands, runs, and lets go of them, so that a call
/// allocates nothing.
abstract class Ranges implements Workers.Task {
    /// Elements in a part: some microseconds of work, 64 KiB of each operand.
    static final int CHUNK = 16 * 1024;

    /// What an operand's field holds between calls.
    static final Tensor NONE = Tensor.zeros(1);

    /// Floats in a worker's lane buffer: more than a vector, so that no two workers write to one cache line.
    private static final int LANE_BUFFER = 64;

    private final Workers workers;
    private final float[][] lanes;
    private int length;
    private int step;

    Ranges(Workers workers) {
        this.workers = workers;
        this.lanes = new float[workers.threads()][LANE_BUFFER];
    }

    /// How many rows of `width` elements make a part.
    static int rows(int width) {
        return Math.max(1, CHUNK / width);
    }

    /// Runs over [0, length) in parts of `step` indices.
    final void over(int length, int step) {
        this.length = length;
        this.step = step;
        workers.run((length - 1) / step + 1, this);
    }

    /// Memory for [Lanes#sum] and its like.
    final float[] lanes(int worker) {
        return lanes[worker];
    }

    @Override
    public final void run(int part, int worker) {
        int from = part * step;
        range(from, from + Math.min(step, length - from), worker);
    }

    /// Computes the indices in [from, to).
    abstract void range(int from, int to, int worker);
}
