package tributary.tensor.simd;

import static jdk.incubator.vector.VectorOperators.GT;
import static tributary.tensor.simd.Lanes.all;
import static tributary.tensor.simd.Lanes.load;
import static tributary.tensor.simd.Lanes.put;

import jdk.incubator.vector.FloatVector;
import tributary.tensor.Tensor;
import tributary.tensor.Unary;

/// dx (+)= f'(x) dy, element by element; f' is taken from y where that is cheaper. One loop for each function, as in
/// [UnaryForward].
final class UnaryBackward extends Ranges {
    private Unary f = Unary.EXP;
    private Tensor argument = NONE;
    private Tensor dy = NONE;
    private boolean accumulate;
    private Tensor dx = NONE;

    UnaryBackward(Workers workers) {
        super(workers);
    }

    void apply(Unary f, Tensor x, Tensor y, Tensor dy, boolean accumulate, Tensor dx) {
        this.f = f;
        this.argument = switch (f) {
            case EXP, TANH, SIGMOID -> y;
            case LOG, RELU, SILU, GELU_TANH, GELU_ERF -> x;
        };
        this.dy = dy;
        this.accumulate = accumulate;
        this.dx = dx;
        over(x.elements(), CHUNK);
        this.argument = NONE;
        this.dy = NONE;
        this.dx = NONE;
    }

    @Override
    void range(int from, int to, int worker) {
        float[] a = argument.array();
        float[] g = dy.array();
        float[] out = dx.array();
        int ai = argument.offset() + from;
        int gi = dy.offset() + from;
        int oi = dx.offset() + from;
        int n = to - from;
        switch (f) {
            case EXP -> exp(n, a, ai, g, gi, accumulate, out, oi);
            case LOG -> log(n, a, ai, g, gi, accumulate, out, oi);
            case TANH -> tanh(n, a, ai, g, gi, accumulate, out, oi);
            case SIGMOID -> sigmoid(n, a, ai, g, gi, accumulate, out, oi);
            case RELU -> relu(n, a, ai, g, gi, accumulate, out, oi);
            case SILU -> silu(n, a, ai, g, gi, accumulate, out, oi);
            case GELU_TANH -> geluTanh(n, a, ai, g, gi, accumulate, out, oi);
            case GELU_ERF -> geluErf(n, a, ai, g, gi, accumulate, out, oi);
        }
    }

    private static void exp(int n, float[] y, int yi, float[] g, int gi, boolean accumulate, float[] out, int oi) {
        int i = 0;
        for (; i < Lanes.bound(n); i += Lanes.LENGTH) {
            put(load(y, yi + i).mul(load(g, gi + i)), accumulate, out, oi + i);
        }
        for (; i < n; i++) {
            put(y[yi + i] * g[gi + i], accumulate, out, oi + i);
        }
    }

    private static void log(int n, float[] x, int xi, float[] g, int gi, boolean accumulate, float[] out, int oi) {
        int i = 0;
        for (; i < Lanes.bound(n); i += Lanes.LENGTH) {
            put(load(g, gi + i).div(load(x, xi + i)), accumulate, out, oi + i);
        }
        for (; i < n; i++) {
            put(g[gi + i] / x[xi + i], accumulate, out, oi + i);
        }
    }

    private static void tanh(int n, float[] y, int yi, float[] g, int gi, boolean accumulate, float[] out, int oi) {
        int i = 0;
        for (; i < Lanes.bound(n); i += Lanes.LENGTH) {
            FloatVector value = load(y, yi + i);
            put(all(1f).sub(value.mul(value)).mul(load(g, gi + i)), accumulate, out, oi + i);
        }
        for (; i < n; i++) {
            put((1f - y[yi + i] * y[yi + i]) * g[gi + i], accumulate, out, oi + i);
        }
    }

    private static void sigmoid(int n, float[] y, int yi, float[] g, int gi, boolean accumulate, float[] out, int oi) {
        int i = 0;
        for (; i < Lanes.bound(n); i += Lanes.LENGTH) {
            FloatVector value = load(y, yi + i);
            put(all(1f).sub(value).mul(value).mul(load(g, gi + i)), accumulate, out, oi + i);
        }
        for (; i < n; i++) {
            put((1f - y[yi + i]) * y[yi + i] * g[gi + i], accumulate, out, oi + i);
        }
    }

    private static void relu(int n, float[] x, int xi, float[] g, int gi, boolean accumulate, float[] out, int oi) {
        int i = 0;
        for (; i < Lanes.bound(n); i += Lanes.LENGTH) {
            put(all(0f).blend(load(g, gi + i), load(x, xi + i).compare(GT, 0f)), accumulate, out, oi + i);
        }
        for (; i < n; i++) {
            put(x[xi + i] > 0f ? g[gi + i] : 0f, accumulate, out, oi + i);
        }
    }

    private static void silu(int n, float[] x, int xi, float[] g, int gi, boolean accumulate, float[] out, int oi) {
        int i = 0;
        for (; i < Lanes.bound(n); i += Lanes.LENGTH) {
            put(Activations.siluDerivative(load(x, xi + i)).mul(load(g, gi + i)), accumulate, out, oi + i);
        }
        for (; i < n; i++) {
            put(Activations.siluDerivative(x[xi + i]) * g[gi + i], accumulate, out, oi + i);
        }
    }

    private static void geluTanh(int n, float[] x, int xi, float[] g, int gi, boolean accumulate, float[] out, int oi) {
        int i = 0;
        for (; i < Lanes.bound(n); i += Lanes.LENGTH) {
            put(Activations.geluTanhDerivative(load(x, xi + i)).mul(load(g, gi + i)), accumulate, out, oi + i);
        }
        for (; i < n; i++) {
            put(Activations.geluTanhDerivative(x[xi + i]) * g[gi + i], accumulate, out, oi + i);
        }
    }

    private static void geluErf(int n, float[] x, int xi, float[] g, int gi, boolean accumulate, float[] out, int oi) {
        int i = 0;
        for (; i < Lanes.bound(n); i += Lanes.LENGTH) {
            put(Activations.geluErfDerivative(load(x, xi + i)).mul(load(g, gi + i)), accumulate, out, oi + i);
        }
        for (; i < n; i++) {
            put(Activations.geluErfDerivative(x[xi + i]) * g[gi + i], accumulate, out, oi + i);
        }
    }
}
