package tributary.tensor.simd;

import static jdk.incubator.vector.FloatVector.fromArray;
import static tributary.tensor.simd.Lanes.F;
import static tributary.tensor.simd.Lanes.put;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import tributary.tensor.IntTensor;
import tributary.tensor.Tensor;

/// The cross-entropy of rows of logits against target ids, without ever storing probabilities: two passes over a row
/// that is still in the cache give the loss, one more the gradient.
final class CrossEntropy {
    private static final IntTensor NO_TARGETS = IntTensor.zeros(1);

    private final Forward forward;
    private final Backward backward;

    CrossEntropy(Workers workers) {
        forward = new Forward(workers);
        backward = new Backward(workers);
    }

    void forward(Tensor logits, IntTensor targets, int ignoredTarget, Tensor losses, Tensor logSumExp) {
        forward.apply(logits, targets, ignoredTarget, losses, logSumExp);
    }

    void backward(
            Tensor logits, IntTensor targets, int ignoredTarget, Tensor logSumExp, float scale, boolean accumulate, Tensor dlogits) {
        backward.apply(logits, targets, ignoredTarget, logSumExp, scale, accumulate, dlogits);
    }

    private static final class Forward extends Ranges {
        private Tensor logits = NONE;
        private IntTensor targets = NO_TARGETS;
        private int ignoredTarget;
        private Tensor losses = NONE;
        private Tensor logSumExp = NONE;

        Forward(Workers workers) {
            super(workers);
        }

        void apply(Tensor logits, IntTensor targets, int ignoredTarget, Tensor losses, Tensor logSumExp) {
            this.logits = logits;
            this.targets = targets;
            this.ignoredTarget = ignoredTarget;
            this.losses = losses;
            this.logSumExp = logSumExp;
            over(logits.shape().rows(), rows(logits.shape().last()));
            this.logits = NONE;
            this.targets = NO_TARGETS;
            this.losses = NONE;
            this.logSumExp = NONE;
        }

        @Override
        void range(int from, int to, int worker) {
            float[] x = logits.array();
            int n = logits.shape().last();
            float[] lanes = lanes(worker);
            for (int row = from; row < to; row++) {
                int xi = logits.offset() + row * n;
                float max = Rows.max(n, x, xi, lanes);
                double denominator = max + Math.log(Rows.sumOfExp(n, x, xi, max, lanes));
                logSumExp.set(row, (float) denominator);
                int target = targets.array()[row];
                losses.set(row, target == ignoredTarget ? 0f : (float) (denominator - x[xi + target]));
            }
        }
    }

    private static final class Backward extends Ranges {
        private Tensor logits = NONE;
        private IntTensor targets = NO_TARGETS;
        private int ignoredTarget;
        private Tensor logSumExp = NONE;
        private float scale;
        private boolean accumulate;
        private Tensor dlogits = NONE;

        Backward(Workers workers) {
            super(workers);
        }

        void apply(
                Tensor logits, IntTensor targets, int ignoredTarget, Tensor logSumExp, float scale, boolean accumulate, Tensor dlogits) {
            this.logits = logits;
            this.targets = targets;
            this.ignoredTarget = ignoredTarget;
            this.logSumExp = logSumExp;
            this.scale = scale;
            this.accumulate = accumulate;
            this.dlogits = dlogits;
            over(logits.shape().rows(), rows(logits.shape().last()));
            this.logits = NONE;
            this.targets = NO_TARGETS;
            this.logSumExp = NONE;
            this.dlogits = NONE;
        }

        @Override
        void range(int from, int to, int worker) {
            float[] out = dlogits.array();
            int n = logits.shape().last();
            for (int row = from; row < to; row++) {
                int target = targets.array()[row];
                int oi = dlogits.offset() + row * n;
                if (target != ignoredTarget) {
                    probabilities(n, logits.array(), logits.offset() + row * n, logSumExp.get(row), scale, accumulate, out, oi);
                    out[oi + target] -= scale;
                } else if (!accumulate) {
                    Arrays.fill(out, oi, oi + n, 0f);
                }
            }
        }

        private static void probabilities(
                int n, float[] x, int xi, float logSumExp, float scale, boolean accumulate, float[] out, int oi) {
            int i = 0;
            for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
                FloatVector p = VectorMath.expUnlessNegligible(fromArray(F, x, xi + i).sub(logSumExp));
                FloatVector term = p.mul(scale);
                (accumulate ? term.add(fromArray(F, out, oi + i)) : term).intoArray(out, oi + i);
            }
            for (; i < n; i++) {
                put(VectorMath.expUnlessNegligible(x[xi + i] - logSumExp) * scale, accumulate, out, oi + i);
            }
        }
    }
}
