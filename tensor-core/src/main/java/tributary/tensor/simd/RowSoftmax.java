package tributary.tensor.simd;

import static jdk.incubator.vector.FloatVector.fromArray;
import static tributary.tensor.simd.Lanes.F;
import static tributary.tensor.simd.Lanes.put;

import jdk.incubator.vector.FloatVector;
import tributary.tensor.Tensor;

/// Softmax over rows and its gradient. The largest number of a row is taken off first, so that no power overflows.
final class RowSoftmax {
    private final Forward forward;
    private final Backward backward;

    RowSoftmax(Workers workers) {
        forward = new Forward(workers);
        backward = new Backward(workers);
    }

    /// y = e^(x - max) / sum; `y` may be `x`.
    void forward(Tensor x, Tensor y) {
        forward.apply(x, y);
    }

    /// dx (+)= y (dy - sum(dy y)).
    void backward(Tensor y, Tensor dy, boolean accumulate, Tensor dx) {
        backward.apply(y, dy, accumulate, dx);
    }

    private static final class Forward extends Ranges {
        private Tensor x = NONE;
        private Tensor y = NONE;

        Forward(Workers workers) {
            super(workers);
        }

        void apply(Tensor x, Tensor y) {
            this.x = x;
            this.y = y;
            over(x.shape().rows(), rows(x.shape().last()));
            this.x = NONE;
            this.y = NONE;
        }

        @Override
        void range(int from, int to, int worker) {
            int n = x.shape().last();
            float[] lanes = lanes(worker);
            for (int row = from; row < to; row++) {
                int xi = x.offset() + row * n;
                int yi = y.offset() + row * n;
                powers(n, x.array(), xi, Rows.max(n, x.array(), xi, lanes), y.array(), yi);
                scale(n, (float) (1 / Rows.sum(n, y.array(), yi, lanes)), y.array(), yi);
            }
        }

        private static void powers(int n, float[] in, int ii, float max, float[] out, int oi) {
            int i = 0;
            for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
                VectorMath.exp(fromArray(F, in, ii + i).sub(max)).intoArray(out, oi + i);
            }
            for (; i < n; i++) {
                out[oi + i] = VectorMath.exp(in[ii + i] - max);
            }
        }

        private static void scale(int n, float factor, float[] out, int oi) {
            int i = 0;
            for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
                fromArray(F, out, oi + i).mul(factor).intoArray(out, oi + i);
            }
            for (; i < n; i++) {
                out[oi + i] *= factor;
            }
        }
    }

    private static final class Backward extends Ranges {
        private Tensor y = NONE;
        private Tensor dy = NONE;
        private boolean accumulate;
        private Tensor dx = NONE;

        Backward(Workers workers) {
            super(workers);
        }

        void apply(Tensor y, Tensor dy, boolean accumulate, Tensor dx) {
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
                float dot = (float) Rows.dot(n, y.array(), yi, dy.array(), gi, lanes);
                input(n, y.array(), yi, dy.array(), gi, dot, accumulate, dx.array(), dx.offset() + row * n);
            }
        }

        private static void input(int n, float[] y, int yi, float[] g, int gi, float dot, boolean accumulate, float[] out, int oi) {
            int i = 0;
            for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
                FloatVector term = fromArray(F, g, gi + i).sub(dot).mul(fromArray(F, y, yi + i));
                (accumulate ? term.add(fromArray(F, out, oi + i)) : term).intoArray(out, oi + i);
            }
            for (; i < n; i++) {
                put((g[gi + i] - dot) * y[yi + i], accumulate, out, oi + i);
            }
        }
    }
}
