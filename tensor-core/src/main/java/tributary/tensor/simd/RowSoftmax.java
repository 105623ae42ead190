package tributary.tensor.simd;

import static tributary.tensor.simd.Lanes.load;
import static tributary.tensor.simd.Lanes.all;
import static tributary.tensor.simd.Lanes.fma;
import static tributary.tensor.simd.Lanes.put;

import jdk.incubator.vector.FloatVector;
import tributary.tensor.Tensor;

/// Softmax and its logarithm over rows, and their gradients. The largest number of a row is taken off first, so that no
/// power overflows.
final class RowSoftmax {
    private final Forward forward;
    private final Backward backward;

    RowSoftmax(Workers workers) {
        forward = new Forward(workers);
        backward = new Backward(workers);
    }

    /// y = softmax(x), or its logarithm; `y` may be `x`.
    void forward(boolean logarithm, Tensor x, Tensor y) {
        forward.apply(logarithm, x, y);
    }

    /// dx (+)= y (dy - sum(dy y)), or dy - e^y sum(dy) for the logarithm.
    void backward(boolean logarithm, Tensor y, Tensor dy, boolean accumulate, Tensor dx) {
        backward.apply(logarithm, y, dy, accumulate, dx);
    }

    private static final class Forward extends Ranges {
        private boolean logarithm;
        private Tensor x = NONE;
        private Tensor y = NONE;

        Forward(Workers workers) {
            super(workers);
        }

        void apply(boolean logarithm, Tensor x, Tensor y) {
            this.logarithm = logarithm;
            this.x = x;
            this.y = y;
            over(x.shape().rows(), rows(x.shape().last()));
            this.x = NONE;
            this.y = NONE;
        }

        @Override
        void range(int from, int to, int worker) {
            float[] in = x.array();
            float[] out = y.array();
            int n = x.shape().last();
            float[] lanes = lanes(worker);
            for (int row = from; row < to; row++) {
                int ii = x.offset() + row * n;
                int oi = y.offset() + row * n;
                float max = Rows.max(n, in, ii, lanes);
                if (logarithm) {
                    double sum = Rows.sumOfExp(n, in, ii, max, lanes);
                    shift(n, in, ii, (float) -(max + Math.log(sum)), out, oi);
                } else {
                    powers(n, in, ii, max, out, oi);
                    scale(n, (float) (1 / Rows.sum(n, out, oi, lanes)), out, oi);
                }
            }
        }

        private static void powers(int n, float[] in, int ii, float max, float[] out, int oi) {
            int i = 0;
            for (; i < Lanes.bound(n); i += Lanes.LENGTH) {
                VectorMath.exp(load(in, ii + i).sub(max)).intoArray(out, oi + i);
            }
            for (; i < n; i++) {
                out[oi + i] = VectorMath.exp(in[ii + i] - max);
            }
        }

        private static void scale(int n, float factor, float[] out, int oi) {
            int i = 0;
            for (; i < Lanes.bound(n); i += Lanes.LENGTH) {
                load(out, oi + i).mul(factor).intoArray(out, oi + i);
            }
            for (; i < n; i++) {
                out[oi + i] *= factor;
            }
        }

        private static void shift(int n, float[] in, int ii, float term, float[] out, int oi) {
            int i = 0;
            for (; i < Lanes.bound(n); i += Lanes.LENGTH) {
                load(in, ii + i).add(term).intoArray(out, oi + i);
            }
            for (; i < n; i++) {
                out[oi + i] = in[ii + i] + term;
            }
        }
    }

    private static final class Backward extends Ranges {
        private boolean logarithm;
        private Tensor y = NONE;
        private Tensor dy = NONE;
        private boolean accumulate;
        private Tensor dx = NONE;

        Backward(Workers workers) {
            super(workers);
        }

        void apply(boolean logarithm, Tensor y, Tensor dy, boolean accumulate, Tensor dx) {
            this.logarithm = logarithm;
            this.y = y;
            this.dy = dy;
            this.accumulate = accumulate;
            this.dx = dx;
            over(y.shape().rows(), rows(y.shape().last()));
            this.y = NONE;
            this.dy = NONE;
            this.dx = NONE;
        }

        @Override
        void range(int from, int to, int worker) {
            int n = y.shape().last();
            float[] lanes = lanes(worker);
            for (int row = from; row < to; row++) {
                int yi = y.offset() + row * n;
                int gi = dy.offset() + row * n;
                int oi = dx.offset() + row * n;
                if (logarithm) {
                    float sum = (float) Rows.sum(n, dy.array(), gi, lanes);
                    ofLogarithm(n, y.array(), yi, dy.array(), gi, sum, accumulate, dx.array(), oi);
                } else {
                    float dot = (float) Rows.dot(n, y.array(), yi, dy.array(), gi, lanes);
                    ofSoftmax(n, y.array(), yi, dy.array(), gi, dot, accumulate, dx.array(), oi);
                }
            }
        }

        private static void ofSoftmax(int n, float[] y, int yi, float[] g, int gi, float dot, boolean accumulate, float[] out, int oi) {
            int i = 0;
            for (; i < Lanes.bound(n); i += Lanes.LENGTH) {
                put(load(g, gi + i).sub(dot).mul(load(y, yi + i)), accumulate, out, oi + i);
            }
            for (; i < n; i++) {
                put((g[gi + i] - dot) * y[yi + i], accumulate, out, oi + i);
            }
        }

        private static void ofLogarithm(int n, float[] y, int yi, float[] g, int gi, float sum, boolean accumulate, float[] out, int oi) {
            int i = 0;
            for (; i < Lanes.bound(n); i += Lanes.LENGTH) {
                FloatVector p = VectorMath.exp(load(y, yi + i));
                put(fma(p, all(-sum), load(g, gi + i)), accumulate, out, oi + i);
            }
            for (; i < n; i++) {
                put(fma(VectorMath.exp(y[yi + i]), -sum, g[gi + i]), accumulate, out, oi + i);
            }
        }
    }
}
