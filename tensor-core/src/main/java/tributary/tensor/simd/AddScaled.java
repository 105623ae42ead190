package tributary.tensor.simd;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static tributary.tensor.simd.Lanes.F;
import static tributary.tensor.simd.Lanes.fma;

import tributary.tensor.Tensor;

/// y = alpha x, or y += alpha x: copying, adding and scaling are cases of it.
final class AddScaled extends Ranges {
    private float alpha;
    private boolean accumulate;
    private Tensor x = NONE;
    private Tensor y = NONE;

    AddScaled(Workers workers) {
        super(workers);
    }

    /// y = alpha x, or y += alpha x; `y` may be `x`.
    void apply(float alpha, Tensor x, boolean accumulate, Tensor y) {
        set(alpha, x, accumulate, y);
        over(x.elements(), CHUNK);
        clear();
    }

    void set(float alpha, Tensor x, boolean accumulate, Tensor y) {
        this.alpha = alpha;
        this.accumulate = accumulate;
        this.x = x;
        this.y = y;
    }

    void clear() {
        x = NONE;
        y = NONE;
    }

    @Override
    void range(int from, int to, int worker) {
        run(to - from, alpha, x.array(), x.offset() + from, accumulate, y.array(), y.offset() + from);
    }

    /// out = alpha x, or out += alpha x, for n elements.
    static void run(int n, float alpha, float[] x, int xi, boolean accumulate, float[] out, int oi) {
        if (accumulate) {
            add(n, alpha, x, xi, out, oi);
        } else if (alpha == 1f) {
            System.arraycopy(x, xi, out, oi, n);
        } else {
            scale(n, alpha, x, xi, out, oi);
        }
    }

    private static void add(int n, float alpha, float[] x, int xi, float[] out, int oi) {
        int i = 0;
        for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
            fromArray(F, x, xi + i).fma(broadcast(F, alpha), fromArray(F, out, oi + i)).intoArray(out, oi + i);
        }
        for (; i < n; i++) {
            out[oi + i] = fma(x[xi + i], alpha, out[oi + i]);
        }
    }

    private static void scale(int n, float alpha, float[] x, int xi, float[] out, int oi) {
        int i = 0;
        for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
            fromArray(F, x, xi + i).mul(alpha).intoArray(out, oi + i);
        }
        for (; i < n; i++) {
            out[oi + i] = x[xi + i] * alpha;
        }
    }
}
