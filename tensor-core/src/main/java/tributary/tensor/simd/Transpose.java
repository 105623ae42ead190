package tributary.tensor.simd;

import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// y (+)= x with two axes exchanged: (outer, p, middle, q, inner) -> (outer, q, middle, p, inner).
///
/// A unit of work takes [#BLOCK] neighbours along q, so that what it reads and what it writes both fill cache lines.
final class Transpose extends Ranges {
    private static final int BLOCK = 16;

    private Tensor x = NONE;
    private int p;
    private int middle;
    private int q;
    private int inner;
    private boolean accumulate;
    private Tensor y = NONE;

    Transpose(Workers workers) {
        super(workers);
    }

    void apply(Tensor x, int axis1, int axis2, boolean accumulate, Tensor y) {
        int low = Math.min(axis1, axis2);
        int high = Math.max(axis1, axis2);
        Shape shape = x.shape();
        this.x = x;
        this.p = shape.size(low);
        this.middle = low == high ? 1 : shape.elements(low + 1, high);
        this.q = low == high ? 1 : shape.size(high); // an axis exchanged with itself: a copy
        this.inner = shape.elements(high + 1, shape.rank());
        this.accumulate = accumulate;
        this.y = y;
        int blocks = (q - 1) / BLOCK + 1;
        over(shape.elements(0, low) * middle * blocks, rows(Math.min(q, BLOCK) * p * inner));
        this.x = NONE;
        this.y = NONE;
    }

    @Override
    void range(int from, int to, int worker) {
        int blocks = (q - 1) / BLOCK + 1;
        for (int unit = from; unit < to; unit++) {
            int start = unit % blocks * BLOCK;
            int m = unit / blocks % middle;
            int outer = unit / blocks / middle;
            block(outer, m, start, Math.min(BLOCK, q - start));
        }
    }

    private void block(int outer, int m, int start, int count) {
        float[] in = x.array();
        float[] out = y.array();
        int readRow = middle * q * inner; // along p
        int writeRow = middle * p * inner; // along q
        int ii = x.offset() + (outer * p * middle * q + m * q + start) * inner;
        int oi = y.offset() + (outer * q * middle * p + (start * middle + m) * p) * inner;
        for (int i = 0; i < p; i++) {
            int read = ii + i * readRow;
            int write = oi + i * inner;
            if (inner > 1) {
                for (int j = 0; j < count; j++) {
                    AddScaled.run(inner, 1f, in, read + j * inner, accumulate, out, write + j * writeRow);
                }
            } else if (accumulate) {
                for (int j = 0; j < count; j++) {
                    out[write + j * writeRow] += in[read + j];
                }
            } else {
                for (int j = 0; j < count; j++) {
                    out[write + j * writeRow] = in[read + j];
                }
            }
        }
    }
}
