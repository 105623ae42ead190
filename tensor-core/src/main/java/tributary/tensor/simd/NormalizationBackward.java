package tributary.tensor.simd;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static tributary.tensor.simd.Lanes.F;
import static tributary.tensor.simd.Lanes.fma;
import static tributary.tensor.simd.Lanes.put;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;
import tributary.tensor.Tensor;

/// The gradients of layer norm and RMS norm, all in one pass over memory. With xhat = (x - mean) rstd and g = w dy:
/// dx = rstd (g - mean(g) - xhat mean(g xhat)), where RMS norm has no mean(g); dw = sum of dy xhat; db = sum of dy.
///
/// Rows are cut into blocks; each block adds up dw and db of its own, and these are added in the order of the blocks.
final class NormalizationBackward extends Ranges {
    /// So many blocks keep the sums of all blocks small against the rows themselves.
    private static final int BLOCKS = 64;

    private Tensor x = NONE;
    private Tensor weight = NONE;
    private @Nullable Tensor mean;
    private Tensor rstd = NONE;
    private Tensor dy = NONE;
    private boolean accumulateX;
    private @Nullable Tensor dx;
    private boolean parameters;
    private int rowsPerBlock;
    /// For each block dw, then db: (blocks, 2, C).
    private float[] partial = new float[0];

    NormalizationBackward(Workers workers) {
        super(workers);
    }

    void apply(
            Tensor x, Tensor weight, @Nullable Tensor mean, Tensor rstd, Tensor dy,
            boolean accumulateX, @Nullable Tensor dx, boolean accumulateParameters, @Nullable Tensor dweight, @Nullable Tensor dbias) {
        this.x = x;
        this.weight = weight;
        this.mean = mean;
        this.rstd = rstd;
        this.dy = dy;
        this.accumulateX = accumulateX;
        this.dx = dx;
        this.parameters = dweight != null;
        int rows = x.shape().rows();
        int width = x.shape().last();
        rowsPerBlock = Math.max(rows(width), (rows - 1) / BLOCKS + 1);
        int blocks = (rows - 1) / rowsPerBlock + 1;
        if (parameters && partial.length < blocks * 2 * width) {
            partial = new float[blocks * 2 * width];
        }
        over(rows, rowsPerBlock);
        if (dweight != null) {
            addBlocks(blocks, 0, width, accumulateParameters, dweight);
        }
        if (dbias != null) {
            addBlocks(blocks, width, width, accumulateParameters, dbias);
        }
        this.x = NONE;
        this.weight = NONE;
        this.mean = null;
        this.rstd = NONE;
        this.dy = NONE;
        this.dx = null;
    }

    private void addBlocks(int blocks, int start, int width, boolean accumulate, Tensor sum) {
        int i = 0;
        for (int bound = Lanes.bound(width); i < bound; i += Lanes.LENGTH) {
            FloatVector total = fromArray(F, partial, start + i);
            for (int block = 1; block < blocks; block++) {
                total = total.add(fromArray(F, partial, block * 2 * width + start + i));
            }
            (accumulate ? total.add(fromArray(F, sum.array(), sum.offset() + i)) : total).intoArray(sum.array(), sum.offset() + i);
        }
        for (; i < width; i++) {
            float total = partial[start + i];
            for (int block = 1; block < blocks; block++) {
                total += partial[block * 2 * width + start + i];
            }
            put(total, accumulate, sum.array(), sum.offset() + i);
        }
    }

    @Override
    void range(int from, int to, int worker) {
        int n = x.shape().last();
        float[] lanes = lanes(worker);
        int sums = from / rowsPerBlock * 2 * n;
        if (parameters) {
            Arrays.fill(partial, sums, sums + 2 * n, 0f);
        }
        for (int row = from; row < to; row++) {
            int xi = x.offset() + row * n;
            int gi = dy.offset() + row * n;
            float centre = mean == null ? 0f : mean.get(row);
            float scale = rstd.get(row);
            if (parameters) {
                addParameters(n, x.array(), xi, centre, scale, dy.array(), gi, mean != null, partial, sums);
            }
            if (dx != null) {
                float meanG = mean == null ? 0f : (float) (Rows.dot(n, weight.array(), weight.offset(), dy.array(), gi, lanes) / n);
                float meanGXhat = (float) (dotXhat(
                        n, x.array(), xi, centre, scale, weight.array(), weight.offset(), dy.array(), gi, lanes) / n);
                input(n, x.array(), xi, centre, scale, weight.array(), weight.offset(), dy.array(), gi, meanG, meanGXhat,
                        accumulateX, dx.array(), dx.offset() + row * n);
            }
        }
    }

    private static void addParameters(
            int n, float[] x, int xi, float mean, float rstd, float[] dy, int gi, boolean bias, float[] sums, int si) {
        int i = 0;
        for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
            FloatVector xhat = fromArray(F, x, xi + i).sub(mean).mul(rstd);
            FloatVector g = fromArray(F, dy, gi + i);
            g.fma(xhat, fromArray(F, sums, si + i)).intoArray(sums, si + i);
            if (bias) {
                fromArray(F, sums, si + n + i).add(g).intoArray(sums, si + n + i);
            }
        }
        for (; i < n; i++) {
            sums[si + i] = fma(dy[gi + i], (x[xi + i] - mean) * rstd, sums[si + i]);
            if (bias) {
                sums[si + n + i] += dy[gi + i];
            }
        }
    }

    /// The sum of g xhat.
    private static double dotXhat(
            int n, float[] x, int xi, float mean, float rstd, float[] w, int wi, float[] dy, int gi, float[] lanes) {
        int step = Lanes.LENGTH;
        int i = 0;
        double total = 0;
        int bound = Lanes.bound(n);
        if (bound > 0) {
            FloatVector a = broadcast(F, 0f);
            FloatVector b = broadcast(F, 0f);
            for (; i <= bound - 2 * step; i += 2 * step) {
                a = fromArray(F, x, xi + i).sub(mean).fma(fromArray(F, w, wi + i).mul(fromArray(F, dy, gi + i)), a);
                b = fromArray(F, x, xi + i + step).sub(mean).fma(fromArray(F, w, wi + i + step).mul(fromArray(F, dy, gi + i + step)), b);
            }
            for (; i < bound; i += step) {
                a = fromArray(F, x, xi + i).sub(mean).fma(fromArray(F, w, wi + i).mul(fromArray(F, dy, gi + i)), a);
            }
            a.add(b).intoArray(lanes, 0);
            total = Lanes.sum(lanes);
        }
        for (; i < n; i++) {
            total += (double) (x[xi + i] - mean) * (w[wi + i] * dy[gi + i]);
        }
        return total * rstd;
    }

    private static void input(
            int n, float[] x, int xi, float mean, float rstd, float[] w, int wi, float[] dy, int gi, float meanG, float meanGXhat,
            boolean accumulate, float[] dx, int oi) {
        int i = 0;
        for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
            FloatVector xhat = fromArray(F, x, xi + i).sub(mean).mul(rstd);
            FloatVector g = fromArray(F, w, wi + i).fma(fromArray(F, dy, gi + i), broadcast(F, -meanG));
            FloatVector term = xhat.fma(broadcast(F, -meanGXhat), g).mul(rstd);
            (accumulate ? term.add(fromArray(F, dx, oi + i)) : term).intoArray(dx, oi + i);
        }
        for (; i < n; i++) {
            float xhat = (x[xi + i] - mean) * rstd;
            float g = fma(w[wi + i], dy[gi + i], -meanG);
            put(fma(xhat, -meanGXhat, g) * rstd, accumulate, dx, oi + i);
        }
    }
}
