package tributary.tensor.simd;

import org.jspecify.annotations.Nullable;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// The matrix product c (+)= op(a) op(b) (+ bias) over equal leading axes.
final class Gemm {
    private final Workers workers;

    Gemm(Workers workers) {
        this.workers = workers;
    }

    /// As [tributary.tensor.Kernels#matmul].
    void multiply(Tensor a, boolean transposeA, Tensor b, boolean transposeB, @Nullable Tensor bias, boolean accumulate, Tensor c) {
        Shape as = a.shape();
        Shape bs = b.shape();
        Shape cs = c.shape();
        int rank = cs.rank();
        boolean fits = rank >= 2 && as.rank() == rank && bs.rank() == rank;
        for (int axis = 0; fits && axis < rank - 2; axis++) {
            fits = as.size(axis) == cs.size(axis) && bs.size(axis) == cs.size(axis);
        }
        if (!fits
                || as.size(transposeA ? -1 : -2) != cs.size(-2)
                || bs.size(transposeB ? -2 : -1) != cs.size(-1)
                || as.size(transposeA ? -2 : -1) != bs.size(transposeB ? -1 : -2)) {
            throw new IllegalArgumentException("matmul: a " + as + (transposeA ? " transposed" : "") + " times b " + bs
                    + (transposeB ? " transposed" : "") + " does not give c " + cs);
        }
        if (bias != null && bias.elements() != cs.last()) {
            throw new IllegalArgumentException("matmul: bias " + bias.shape() + " does not match the last axis of c " + cs);
        }
        int m = cs.size(-2);
        int n = cs.size(-1);
        int k = as.size(transposeA ? -2 : -1);
        int batches = cs.elements(0, rank - 2);
        workers.run(batches, (batch, worker) -> product(m, n, k,
                a.array(), a.offset() + batch * m * k, transposeA ? 1 : k, transposeA ? m : 1,
                b.array(), b.offset() + batch * k * n, transposeB ? 1 : n, transposeB ? k : 1,
                bias, accumulate, c.array(), c.offset() + batch * m * n));
    }

    private static void product(
            int m, int n, int k, float[] a, int aOffset, int aRow, int aStep, float[] b, int bOffset, int bStep, int bColumn,
            @Nullable Tensor bias, boolean accumulate, float[] c, int cOffset) {
        for (int i = 0; i < m; i++) {
            int row = cOffset + i * n;
            for (int j = 0; j < n; j++) {
                c[row + j] = (accumulate ? c[row + j] : 0) + (bias == null ? 0 : bias.get(j));
            }
            for (int p = 0; p < k; p++) {
                float x = a[aOffset + i * aRow + p * aStep];
                int line = bOffset + p * bStep;
                for (int j = 0; j < n; j++) {
                    c[row + j] += x * b[line + j * bColumn];
                }
            }
        }
    }
}
