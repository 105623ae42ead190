package tributary.tensor.simd;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static tributary.tensor.simd.Lanes.F;
import static tributary.tensor.simd.Lanes.fma;
import static tributary.tensor.simd.Lanes.put;

import jdk.incubator.vector.FloatVector;
import tributary.tensor.Tensor;

/// The logarithm of the softmax over rows and its gradient.
final class RowLogSoftmax {
    private final Forward forward;
    private final Backward backward;

    RowLogSoftmax(Workers workers) {
        forward = new Forward(workers);
        backward = new Backward(workers);
    }

    /// y = x - max - ln sum e^(x - max); `y` may be `x`.
    void forward(Tensor x, Tensor y) {
        forward.apply(x, y);
    }

    /// dx (+)= dy - e^y sum(dy).
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
                float max = Rows.max(n, x.array(), xi, lanes);
                double denominator = max + Math.log(Rows.sumOfExp(n, x.array(), xi, max, lanes));
                shift(n, x.array(), xi, (float) denominator, y.array(), y.offset() + row * n);
            }
        }

        private static void shift(int n, float[] in, int ii, float denominator, float[] out, int oi) {
            int i = 0;
            for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
                fromArray(F, in, ii + i).sub(denominator).intoArray(out, oi + i);
            }
            for (; i < n; i++) {
                out[oi + i] = in[ii + i] - denominator;
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
                int gi = dy.offset() + row * n;
                float sum = (float) Rows.sum(n, dy.array(), gi, lanes);
                input(n, y.array(), y.offset() + row * n, dy.array(), gi, sum, accumulate, dx.array(), dx.offset() + row * n);
            }
        }

        private static void input(int n, float[] y, int yi, float[] g, int gi, float sum, boolean accumulate, float[] out, int oi) {
            int i = 0;
            for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
                FloatVector p = VectorMath.exp(fromArray(F, y, yi + i));
                FloatVector term = p.fma(broadcast(F, -sum), fromArray(F, g, gi + i));
                (accumulate ? term.add(fromArray(F, out, oi + i)) : term).intoArray(out, oi + i);
            }
            for (; i < n; i++) {
                put(fma(VectorMath.exp(y[yi + i]), -sum, g[gi + i]), accumulate, out, oi + i);
            }
        }
    }
}
