package tributary.tensor.simd;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static tributary.tensor.simd.Lanes.F;
import static tributary.tensor.simd.Lanes.put;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import tributary.tensor.Tensor;

/// out (+)= alpha * sum over the middle axis of (outer, length, inner).
///
/// Columns (inner > 1) are summed block by block of neighbouring columns: [#RUN] numbers in float32 lanes, then on top of
/// the total, so that rounding does not grow with the length. Rows (inner = 1) are summed one by one, and a single long
/// row in chunks whose sums are added in float64.
final class SumAxis {
    private static final int RUN = 64;
    private static final int COLUMNS = 64;

    private final Columns columns;
    private final LongRows rows;

    SumAxis(Workers workers) {
        columns = new Columns(workers);
        rows = new LongRows(workers);
    }

    void apply(Tensor x, int length, int inner, float alpha, boolean accumulate, Tensor out) {
        if (inner > 1) {
            columns.apply(x, length, inner, alpha, accumulate, out);
        } else {
            rows.apply(x, length, alpha, accumulate, out);
        }
    }

    private static final class Columns extends Ranges {
        private final double[][] tails;
        private Tensor x = NONE;
        private int length;
        private int inner;
        private float alpha;
        private boolean accumulate;
        private Tensor out = NONE;

        Columns(Workers workers) {
            super(workers);
            tails = new double[workers.threads()][COLUMNS];
        }

        void apply(Tensor x, int length, int inner, float alpha, boolean accumulate, Tensor out) {
            this.x = x;
            this.length = length;
            this.inner = inner;
            this.alpha = alpha;
            this.accumulate = accumulate;
            this.out = out;
            int blocks = (inner - 1) / COLUMNS + 1;
            int work = length * Math.min(inner, COLUMNS);
            over(out.elements() / inner * blocks, rows(work));
            this.x = NONE;
            this.out = NONE;
        }

        @Override
        void range(int from, int to, int worker) {
            int blocks = (inner - 1) / COLUMNS + 1;
            for (int unit = from; unit < to; unit++) {
                int outer = unit / blocks;
                int column = unit % blocks * COLUMNS;
                int n = Math.min(COLUMNS, inner - column);
                block(n, x.array(), x.offset() + outer * length * inner + column, out.offset() + outer * inner + column, tails[worker]);
            }
        }

        private void block(int n, float[] in, int ii, int oi, double[] tail) {
            int step = Lanes.LENGTH;
            int i = 0;
            int bound = Lanes.bound(n);
            for (; i <= bound - 4 * step; i += 4 * step) {
                fourVectors(in, ii + i, length, inner, alpha, accumulate, out.array(), oi + i);
            }
            for (; i < bound; i += step) {
                vector(in, ii + i, length, inner, alpha, accumulate, out.array(), oi + i);
            }
            if (i < n) {
                Arrays.fill(tail, i, n, 0);
                for (int l = 0; l < length; l++) {
                    for (int j = i; j < n; j++) {
                        tail[j] += in[ii + l * inner + j];
                    }
                }
                for (; i < n; i++) {
                    put((float) (alpha * tail[i]), accumulate, out.array(), oi + i);
                }
            }
        }

        private static void fourVectors(float[] in, int ii, int length, int inner, float alpha, boolean accumulate, float[] out, int oi) {
            int step = Lanes.LENGTH;
            FloatVector a = broadcast(F, 0f);
            FloatVector b = broadcast(F, 0f);
            FloatVector c = broadcast(F, 0f);
            FloatVector d = broadcast(F, 0f);
            for (int start = 0; start < length; start += RUN) {
                FloatVector p = broadcast(F, 0f);
                FloatVector q = broadcast(F, 0f);
                FloatVector r = broadcast(F, 0f);
                FloatVector s = broadcast(F, 0f);
                int end = start + Math.min(RUN, length - start);
                for (int l = start; l < end; l++) {
                    int at = ii + l * inner;
                    p = p.add(fromArray(F, in, at));
                    q = q.add(fromArray(F, in, at + step));
                    r = r.add(fromArray(F, in, at + 2 * step));
                    s = s.add(fromArray(F, in, at + 3 * step));
                }
                a = a.add(p);
                b = b.add(q);
                c = c.add(r);
                d = d.add(s);
            }
            a = a.mul(alpha);
            (accumulate ? a.add(fromArray(F, out, oi)) : a).intoArray(out, oi);
            b = b.mul(alpha);
            (accumulate ? b.add(fromArray(F, out, oi + step)) : b).intoArray(out, oi + step);
            c = c.mul(alpha);
            (accumulate ? c.add(fromArray(F, out, oi + 2 * step)) : c).intoArray(out, oi + 2 * step);
            d = d.mul(alpha);
            (accumulate ? d.add(fromArray(F, out, oi + 3 * step)) : d).intoArray(out, oi + 3 * step);
        }

        private static void vector(float[] in, int ii, int length, int inner, float alpha, boolean accumulate, float[] out, int oi) {
            FloatVector total = broadcast(F, 0f);
            for (int start = 0; start < length; start += RUN) {
                FloatVector run = broadcast(F, 0f);
                int end = start + Math.min(RUN, length - start);
                for (int l = start; l < end; l++) {
                    run = run.add(fromArray(F, in, ii + l * inner));
                }
                total = total.add(run);
            }
            FloatVector term = total.mul(alpha);
            (accumulate ? term.add(fromArray(F, out, oi)) : term).intoArray(out, oi);
        }
    }

    private static final class LongRows extends Ranges {
        private Tensor x = NONE;
        private int length;
        private int chunks;
        private double[] partial = new double[0];

        LongRows(Workers workers) {
            super(workers);
        }

        void apply(Tensor x, int length, float alpha, boolean accumulate, Tensor out) {
            this.x = x;
            this.length = length;
            int rows = out.elements();
            chunks = (length - 1) / CHUNK + 1;
            if (partial.length < rows * chunks) {
                partial = new double[rows * chunks];
            }
            over(rows * chunks, rows(Math.min(length, CHUNK)));
            for (int row = 0; row < rows; row++) {
                double sum = 0;
                for (int chunk = 0; chunk < chunks; chunk++) {
                    sum += partial[row * chunks + chunk];
                }
                put((float) (alpha * sum), accumulate, out.array(), out.offset() + row);
            }
            this.x = NONE;
        }

        @Override
        void range(int from, int to, int worker) {
            for (int unit = from; unit < to; unit++) {
                int start = unit % chunks * CHUNK;
                int n = Math.min(CHUNK, length - start);
                partial[unit] = Rows.sum(n, x.array(), x.offset() + unit / chunks * length + start, lanes(worker));
            }
        }
    }
}
