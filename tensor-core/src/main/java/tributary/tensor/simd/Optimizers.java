package tributary.tensor.simd;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static tributary.tensor.simd.Lanes.F;
import static tributary.tensor.simd.Lanes.fma;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import tributary.tensor.Tensor;

/// Optimizer steps: one pass over parameters, gradients and moments, so that memory is read and written once.
final class Optimizers {
    private final AdamW adamW;
    private final Sgd sgd;

    Optimizers(Workers workers) {
        adamW = new AdamW(workers);
        sgd = new Sgd(workers);
    }

    void adamW(
            Tensor parameters, Tensor gradients, Tensor m, Tensor v, float gradientScale,
            float lr, float beta1, float beta2, float epsilon, float weightDecay, int[] decayed, int step) {
        adamW.apply(parameters, gradients, m, v, gradientScale, lr, beta1, beta2, epsilon, weightDecay, decayed, step);
    }

    void sgd(Tensor parameters, Tensor gradients, Tensor velocity, float lr, float momentum, boolean nesterov) {
        sgd.apply(parameters, gradients, velocity, lr, momentum, nesterov);
    }

    /// m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
    /// p = keep p - rate m / (sqrt(v correction) + epsilon), whose scalars [#apply] works out in float64.
    private static final class AdamW extends Ranges {
        private Tensor parameters = NONE;
        private Tensor gradients = NONE;
        private Tensor m = NONE;
        private Tensor v = NONE;
        private float gradientScale;
        private float beta1;
        private float rest1;
        private float beta2;
        private float rest2;
        private float keep;
        private float rate;
        private float correction;
        private float epsilon;
        private int[] decayed = {};

        AdamW(Workers workers) {
            super(workers);
        }

        void apply(
                Tensor parameters, Tensor gradients, Tensor m, Tensor v, float gradientScale,
                float lr, float beta1, float beta2, float epsilon, float weightDecay, int[] decayed, int step) {
            this.parameters = parameters;
            this.gradients = gradients;
            this.m = m;
            this.v = v;
            this.gradientScale = gradientScale;
            this.beta1 = beta1;
            this.rest1 = (float) (1 - (double) beta1);
            this.beta2 = beta2;
            this.rest2 = (float) (1 - (double) beta2);
            this.keep = (float) (1 - (double) lr * weightDecay);
            this.rate = (float) (lr / (1 - Math.pow(beta1, step)));
            this.correction = (float) (1 / (1 - Math.pow(beta2, step)));
            this.epsilon = epsilon;
            this.decayed = decayed;
            over(parameters.elements(), CHUNK);
            this.parameters = NONE;
            this.gradients = NONE;
            this.m = NONE;
            this.v = NONE;
        }

        @Override
        void range(int from, int to, int worker) {
            int found = Arrays.binarySearch(decayed, from);
            int border = found < 0 ? -found - 1 : found + 1; // the first beyond `from`; an odd one ends a range that decays
            for (int at = from; at < to; border++) {
                int end = border < decayed.length ? Math.min(to, decayed[border]) : to;
                run(at, end, border % 2 == 1 ? keep : 1f);
                at = end;
            }
        }

        private void run(int from, int to, float keep) {
            float[] p = parameters.array();
            float[] g = gradients.array();
            float[] mm = m.array();
            float[] vv = v.array();
            int pi = parameters.offset() + from;
            int gi = gradients.offset() + from;
            int mi = m.offset() + from;
            int vi = v.offset() + from;
            int n = to - from;
            int i = 0;
            for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
                FloatVector gradient = fromArray(F, g, gi + i).mul(gradientScale);
                FloatVector first = fromArray(F, mm, mi + i).fma(broadcast(F, beta1), gradient.mul(rest1));
                FloatVector second = fromArray(F, vv, vi + i).fma(broadcast(F, beta2), gradient.mul(gradient).mul(rest2));
                first.intoArray(mm, mi + i);
                second.intoArray(vv, vi + i);
                FloatVector update = first.div(second.mul(correction).sqrt().add(epsilon));
                update.fma(broadcast(F, -rate), fromArray(F, p, pi + i).mul(keep)).intoArray(p, pi + i);
            }
            for (; i < n; i++) {
                float gradient = g[gi + i] * gradientScale;
                float first = fma(mm[mi + i], beta1, gradient * rest1);
                float second = fma(vv[vi + i], beta2, gradient * gradient * rest2);
                mm[mi + i] = first;
                vv[vi + i] = second;
                float update = first / ((float) Math.sqrt(second * correction) + epsilon);
                p[pi + i] = fma(update, -rate, p[pi + i] * keep);
            }
        }
    }

    private static final class Sgd extends Ranges {
        private Tensor parameters = NONE;
        private Tensor gradients = NONE;
        private Tensor velocity = NONE;
        private float lr;
        private float momentum;
        private boolean nesterov;

        Sgd(Workers workers) {
            super(workers);
        }

        void apply(Tensor parameters, Tensor gradients, Tensor velocity, float lr, float momentum, boolean nesterov) {
            this.parameters = parameters;
            this.gradients = gradients;
            this.velocity = velocity;
            this.lr = lr;
            this.momentum = momentum;
            this.nesterov = nesterov;
            over(parameters.elements(), CHUNK);
            this.parameters = NONE;
            this.gradients = NONE;
            this.velocity = NONE;
        }

        @Override
        void range(int from, int to, int worker) {
            float[] p = parameters.array();
            float[] g = gradients.array();
            float[] vv = velocity.array();
            int pi = parameters.offset() + from;
            int gi = gradients.offset() + from;
            int vi = velocity.offset() + from;
            int n = to - from;
            int i = 0;
            for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
                FloatVector gradient = fromArray(F, g, gi + i);
                FloatVector speed = fromArray(F, vv, vi + i).fma(broadcast(F, momentum), gradient);
                speed.intoArray(vv, vi + i);
                FloatVector update = nesterov ? speed.fma(broadcast(F, momentum), gradient) : speed;
                update.fma(broadcast(F, -lr), fromArray(F, p, pi + i)).intoArray(p, pi + i);
            }
            for (; i < n; i++) {
                float speed = fma(vv[vi + i], momentum, g[gi + i]);
                vv[vi + i] = speed;
                float update = nesterov ? fma(speed, momentum, g[gi + i]) : speed;
                p[pi + i] = fma(update, -lr, p[pi + i]);
            }
        }
    }
}
