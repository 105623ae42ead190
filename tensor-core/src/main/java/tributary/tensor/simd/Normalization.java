package tributary.tensor.simd;

import static jdk.incubator.vector.FloatVector.fromArray;
import static tributary.tensor.simd.Lanes.F;
import static tributary.tensor.simd.Lanes.fma;

import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;
import tributary.tensor.Tensor;

/// Layer norm and RMS norm over rows; the second is the first without mean and bias, so they share their loops. A row is
/// read from memory once, and then from the cache.
final class Normalization {
    private final Forward forward;
    private final NormalizationBackward backward;

    Normalization(Workers workers) {
        forward = new Forward(workers);
        backward = new NormalizationBackward(workers);
    }

    /// Layer norm, or RMS norm where `bias` and `mean` are null.
    void forward(Tensor x, Tensor weight, @Nullable Tensor bias, float epsilon, Tensor y, @Nullable Tensor mean, Tensor rstd) {
        forward.apply(x, weight, bias, epsilon, y, mean, rstd);
    }

    /// The gradients of layer norm, or of RMS norm where `mean` and `dbias` are null.
    void backward(
            Tensor x, Tensor weight, @Nullable Tensor mean, Tensor rstd, Tensor dy,
            boolean accumulateX, @Nullable Tensor dx, boolean accumulateParameters, @Nullable Tensor dweight, @Nullable Tensor dbias) {
        backward.apply(x, weight, mean, rstd, dy, accumulateX, dx, accumulateParameters, dweight, dbias);
    }

    private static final class Forward extends Ranges {
        private Tensor x = NONE;
        private Tensor weight = NONE;
        private @Nullable Tensor bias;
        private float epsilon;
        private Tensor y = NONE;
        private @Nullable Tensor mean;
        private Tensor rstd = NONE;

        Forward(Workers workers) {
            super(workers);
        }

        void apply(Tensor x, Tensor weight, @Nullable Tensor bias, float epsilon, Tensor y, @Nullable Tensor mean, Tensor rstd) {
            this.x = x;
            this.weight = weight;
            this.bias = bias;
            this.epsilon = epsilon;
            this.y = y;
            this.mean = mean;
            this.rstd = rstd;
            over(x.shape().rows(), rows(x.shape().last()));
            this.x = NONE;
            this.weight = NONE;
            this.bias = null;
            this.y = NONE;
            this.mean = null;
            this.rstd = NONE;
        }

        @Override
        void range(int from, int to, int worker) {
            int n = x.shape().last();
            float[] lanes = lanes(worker);
            for (int row = from; row < to; row++) {
                int xi = x.offset() + row * n;
                int yi = y.offset() + row * n;
                float centre = 0;
                if (mean != null) {
                    centre = (float) (Rows.sum(n, x.array(), xi, lanes) / n);
                    mean.set(row, centre);
                }
                double variance = Rows.squaredDistance(n, x.array(), xi, centre, lanes) / n;
                float scale = (float) (1 / Math.sqrt(variance + epsilon));
                rstd.set(row, scale);
                if (bias != null) {
                    affine(n, x.array(), xi, centre, scale, weight.array(), weight.offset(), bias.array(), bias.offset(), y.array(), yi);
                } else {
                    scaled(n, x.array(), xi, scale, weight.array(), weight.offset(), y.array(), yi);
                }
            }
        }

        private static void affine(
                int n, float[] x, int xi, float mean, float rstd, float[] w, int wi, float[] b, int bi, float[] y, int yi) {
            int i = 0;
            for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
                FloatVector xhat = fromArray(F, x, xi + i).sub(mean).mul(rstd);
                xhat.fma(fromArray(F, w, wi + i), fromArray(F, b, bi + i)).intoArray(y, yi + i);
            }
            for (; i < n; i++) {
                y[yi + i] = fma((x[xi + i] - mean) * rstd, w[wi + i], b[bi + i]);
            }
        }

        private static void scaled(int n, float[] x, int xi, float rstd, float[] w, int wi, float[] y, int yi) {
            int i = 0;
            for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
                fromArray(F, x, xi + i).mul(rstd).mul(fromArray(F, w, wi + i)).intoArray(y, yi + i);
            }
            for (; i < n; i++) {
                y[yi + i] = x[xi + i] * rstd * w[wi + i];
            }
        }
    }
}
