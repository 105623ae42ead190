package tributary.tensor.simd;

import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.LE;
import static tributary.tensor.simd.Lanes.F;

import jdk.incubator.vector.FloatVector;
import tributary.tensor.Tensor;
import tributary.tensor.Unary;

/// y = f(x), element by element. Each function is a task of its own. A loop that took the function as a value would not be
/// compiled to vectors; and where several such loops are called from one place the compiler takes them into one method,
/// runs out of room there, and leaves the vectors of the last ones on the heap.
abstract class UnaryForward extends Ranges {
    Tensor x = NONE;
    Tensor y = NONE;

    private UnaryForward(Workers workers) {
        super(workers);
    }

    static UnaryForward of(Unary f, Workers workers) {
        return switch (f) {
            case EXP -> new Exp(workers);
            case LOG -> new Log(workers);
            case TANH -> new Tanh(workers);
            case SIGMOID -> new Sigmoid(workers);
            case RELU -> new Relu(workers);
            case SILU -> new Silu(workers);
            case GELU_TANH -> new GeluTanh(workers);
            case GELU_ERF -> new GeluErf(workers);
        };
    }

    final void apply(Tensor x, Tensor y) {
        set(x, y);
        over(x.elements(), CHUNK);
        clear();
    }

    final void set(Tensor x, Tensor y) {
        this.x = x;
        this.y = y;
    }

    final void clear() {
        x = NONE;
        y = NONE;
    }

    private static final class Exp extends UnaryForward {
        Exp(Workers workers) {
            super(workers);
        }

        @Override
        void range(int from, int to, int worker) {
            loop(to - from, x.array(), x.offset() + from, y.array(), y.offset() + from);
        }

        private static void loop(int n, float[] in, int ii, float[] out, int oi) {
            int i = 0;
            for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
                VectorMath.exp(fromArray(F, in, ii + i)).intoArray(out, oi + i);
            }
            for (; i < n; i++) {
                out[oi + i] = VectorMath.exp(in[ii + i]);
            }
        }
    }

    private static final class Log extends UnaryForward {
        Log(Workers workers) {
            super(workers);
        }

        @Override
        void range(int from, int to, int worker) {
            loop(to - from, x.array(), x.offset() + from, y.array(), y.offset() + from);
        }

        private static void loop(int n, float[] in, int ii, float[] out, int oi) {
            int i = 0;
            for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
                VectorMath.log(fromArray(F, in, ii + i)).intoArray(out, oi + i);
            }
            for (; i < n; i++) {
                out[oi + i] = VectorMath.log(in[ii + i]);
            }
        }
    }

    private static final class Tanh extends UnaryForward {
        Tanh(Workers workers) {
            super(workers);
        }

        @Override
        void range(int from, int to, int worker) {
            loop(to - from, x.array(), x.offset() + from, y.array(), y.offset() + from);
        }

        private static void loop(int n, float[] in, int ii, float[] out, int oi) {
            int i = 0;
            for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
                VectorMath.tanh(fromArray(F, in, ii + i)).intoArray(out, oi + i);
            }
            for (; i < n; i++) {
                out[oi + i] = VectorMath.tanh(in[ii + i]);
            }
        }
    }

    private static final class Sigmoid extends UnaryForward {
        Sigmoid(Workers workers) {
            super(workers);
        }

        @Override
        void range(int from, int to, int worker) {
            loop(to - from, x.array(), x.offset() + from, y.array(), y.offset() + from);
        }

        private static void loop(int n, float[] in, int ii, float[] out, int oi) {
            int i = 0;
            for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
                VectorMath.sigmoid(fromArray(F, in, ii + i)).intoArray(out, oi + i);
            }
            for (; i < n; i++) {
                out[oi + i] = VectorMath.sigmoid(in[ii + i]);
            }
        }
    }

    private static final class Relu extends UnaryForward {
        Relu(Workers workers) {
            super(workers);
        }

        @Override
        void range(int from, int to, int worker) {
            loop(to - from, x.array(), x.offset() + from, y.array(), y.offset() + from);
        }

        private static void loop(int n, float[] in, int ii, float[] out, int oi) {
            int i = 0;
            for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
                FloatVector value = fromArray(F, in, ii + i);
                value.blend(0f, value.compare(LE, 0f)).intoArray(out, oi + i);
            }
            for (; i < n; i++) {
                out[oi + i] = in[ii + i] <= 0f ? 0f : in[ii + i]; // NaN stays NaN
            }
        }
    }

    private static final class Silu extends UnaryForward {
        Silu(Workers workers) {
            super(workers);
        }

        @Override
        void range(int from, int to, int worker) {
            loop(to - from, x.array(), x.offset() + from, y.array(), y.offset() + from);
        }

        private static void loop(int n, float[] in, int ii, float[] out, int oi) {
            int i = 0;
            for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
                Activations.silu(fromArray(F, in, ii + i)).intoArray(out, oi + i);
            }
            for (; i < n; i++) {
                out[oi + i] = Activations.silu(in[ii + i]);
            }
        }
    }

    private static final class GeluTanh extends UnaryForward {
        GeluTanh(Workers workers) {
            super(workers);
        }

        @Override
        void range(int from, int to, int worker) {
            loop(to - from, x.array(), x.offset() + from, y.array(), y.offset() + from);
        }

        private static void loop(int n, float[] in, int ii, float[] out, int oi) {
            int i = 0;
            for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
                Activations.geluTanh(fromArray(F, in, ii + i)).intoArray(out, oi + i);
            }
            for (; i < n; i++) {
                out[oi + i] = Activations.geluTanh(in[ii + i]);
            }
        }
    }

    private static final class GeluErf extends UnaryForward {
        GeluErf(Workers workers) {
            super(workers);
        }

        @Override
        void range(int from, int to, int worker) {
            loop(to - from, x.array(), x.offset() + from, y.array(), y.offset() + from);
        }

        private static void loop(int n, float[] in, int ii, float[] out, int oi) {
            int i = 0;
            for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
                Activations.geluErf(fromArray(F, in, ii + i)).intoArray(out, oi + i);
            }
            for (; i < n; i++) {
                out[oi + i] = Activations.geluErf(in[ii + i]);
            }
        }
    }
}
