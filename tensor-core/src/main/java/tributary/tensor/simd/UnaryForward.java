package tributary.tensor.simd;

import static jdk.incubator.vector.VectorOperators.LE;
import static tributary.tensor.simd.Lanes.load;

import jdk.incubator.vector.FloatVector;
import tributary.tensor.Tensor;
import tributary.tensor.Unary;

/// y = f(x), element by element. One loop for each function: a loop that took the function as a value would not be
/// compiled to vectors.
final class UnaryForward extends Ranges {
    private Unary f = Unary.EXP;
    private Tensor x = NONE;
    private Tensor y = NONE;

    UnaryForward(Workers workers) {
        super(workers);
    }

    void apply(Unary f, Tensor x, Tensor y) {
        this.f = f;
        this.x = x;
        this.y = y;
        over(x.elements(), CHUNK);
        this.x = NONE;
        this.y = NONE;
    }

    @Override
    void range(int from, int to, int worker) {
        float[] in = x.array();
        float[] out = y.array();
        int ii = x.offset() + from;
        int oi = y.offset() + from;
        int n = to - from;
        switch (f) {
            case EXP -> exp(n, in, ii, out, oi);
            case LOG -> log(n, in, ii, out, oi);
            case TANH -> tanh(n, in, ii, out, oi);
            case SIGMOID -> sigmoid(n, in, ii, out, oi);
            case RELU -> relu(n, in, ii, out, oi);
            case SILU -> silu(n, in, ii, out, oi);
            case GELU_TANH -> geluTanh(n, in, ii, out, oi);
            case GELU_ERF -> geluErf(n, in, ii, out, oi);
        }
    }

    private static void exp(int n, float[] in, int ii, float[] out, int oi) {
        int i = 0;
        for (; i < Lanes.bound(n); i += Lanes.LENGTH) {
            VectorMath.exp(load(in, ii + i)).intoArray(out, oi + i);
        }
        for (; i < n; i++) {
            out[oi + i] = VectorMath.exp(in[ii + i]);
        }
    }

    private static void log(int n, float[] in, int ii, float[] out, int oi) {
        int i = 0;
        for (; i < Lanes.bound(n); i += Lanes.LENGTH) {
            VectorMath.log(load(in, ii + i)).intoArray(out, oi + i);
        }
        for (; i < n; i++) {
            out[oi + i] = VectorMath.log(in[ii + i]);
        }
    }

    private static void tanh(int n, float[] in, int ii, float[] out, int oi) {
        int i = 0;
        for (; i < Lanes.bound(n); i += Lanes.LENGTH) {
            VectorMath.tanh(load(in, ii + i)).intoArray(out, oi + i);
        }
        for (; i < n; i++) {
            out[oi + i] = VectorMath.tanh(in[ii + i]);
        }
    }

    private static void sigmoid(int n, float[] in, int ii, float[] out, int oi) {
        int i = 0;
        for (; i < Lanes.bound(n); i += Lanes.LENGTH) {
            VectorMath.sigmoid(load(in, ii + i)).intoArray(out, oi + i);
        }
        for (; i < n; i++) {
            out[oi + i] = VectorMath.sigmoid(in[ii + i]);
        }
    }

    private static void relu(int n, float[] in, int ii, float[] out, int oi) {
        int i = 0;
        for (; i < Lanes.bound(n); i += Lanes.LENGTH) {
            FloatVector value = load(in, ii + i);
            value.blend(0f, value.compare(LE, 0f)).intoArray(out, oi + i);
        }
        for (; i < n; i++) {
            out[oi + i] = in[ii + i] <= 0f ? 0f : in[ii + i];
        }
    }

    private static void silu(int n, float[] in, int ii, float[] out, int oi) {
        int i = 0;
        for (; i < Lanes.bound(n); i += Lanes.LENGTH) {
            Activations.silu(load(in, ii + i)).intoArray(out, oi + i);
        }
        for (; i < n; i++) {
            out[oi + i] = Activations.silu(in[ii + i]);
        }
    }

    private static void geluTanh(int n, float[] in, int ii, float[] out, int oi) {
        int i = 0;
        for (; i < Lanes.bound(n); i += Lanes.LENGTH) {
            Activations.geluTanh(load(in, ii + i)).intoArray(out, oi + i);
        }
        for (; i < n; i++) {
            out[oi + i] = Activations.geluTanh(in[ii + i]);
        }
    }

    private static void geluErf(int n, float[] in, int ii, float[] out, int oi) {
        int i = 0;
        for (; i < Lanes.bound(n); i += Lanes.LENGTH) {
            Activations.geluErf(load(in, ii + i)).intoArray(out, oi + i);
        }
        for (; i < n; i++) {
            out[oi + i] = Activations.geluErf(in[ii + i]);
        }
    }
}
