package tributary.tensor.simd;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GT;
import static tributary.tensor.simd.Lanes.F;
import static tributary.tensor.simd.Lanes.put;

import jdk.incubator.vector.FloatVector;
import tributary.tensor.Tensor;
import tributary.tensor.Unary;

/// dx (+)= f'(x) dy, element by element; f' is taken from y where that is cheaper. One task for each function, as in
/// [UnaryForward].
abstract class UnaryBackward extends Ranges {
    Tensor x = NONE;
    Tensor y = NONE;
    Tensor dy = NONE;
    boolean accumulate;
    Tensor dx = NONE;

    private UnaryBackward(Workers workers) {
        super(workers);
    }

    static UnaryBackward of(Unary f, Workers workers) {
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

    final void apply(Tensor x, Tensor y, Tensor dy, boolean accumulate, Tensor dx) {
        set(x, y, dy, accumulate, dx);
        over(x.elements(), CHUNK);
        clear();
    }

    final void set(Tensor x, Tensor y, Tensor dy, boolean accumulate, Tensor dx) {
        this.x = x;
        this.y = y;
        this.dy = dy;
        this.accumulate = accumulate;
        this.dx = dx;
    }

    final void clear() {
        x = NONE;
        y = NONE;
        dy = NONE;
        dx = NONE;
    }

    private static final class Exp extends UnaryBackward {
        Exp(Workers workers) {
            super(workers);
        }

        @Override
        void range(int from, int to, int worker) {
            loop(to - from, y.array(), y.offset() + from,
                    dy.array(), dy.offset() + from, accumulate, dx.array(), dx.offset() + from);
        }

        private static void loop(int n, float[] y, int yi, float[] g, int gi, boolean accumulate, float[] out, int oi) {
            int i = 0;
            for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
                FloatVector term = fromArray(F, y, yi + i).mul(fromArray(F, g, gi + i));
                (accumulate ? term.add(fromArray(F, out, oi + i)) : term).intoArray(out, oi + i);
            }
            for (; i < n; i++) {
                put(y[yi + i] * g[gi + i], accumulate, out, oi + i);
            }
        }
    }

    private static final class Log extends UnaryBackward {
        Log(Workers workers) {
            super(workers);
        }

        @Override
        void range(int from, int to, int worker) {
            loop(to - from, x.array(), x.offset() + from,
                    dy.array(), dy.offset() + from, accumulate, dx.array(), dx.offset() + from);
        }

        private static void loop(int n, float[] x, int xi, float[] g, int gi, boolean accumulate, float[] out, int oi) {
            int i = 0;
            for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
                FloatVector term = fromArray(F, g, gi + i).div(fromArray(F, x, xi + i));
                (accumulate ? term.add(fromArray(F, out, oi + i)) : term).intoArray(out, oi + i);
            }
            for (; i < n; i++) {
                put(g[gi + i] / x[xi + i], accumulate, out, oi + i);
            }
        }
    }

    private static final class Tanh extends UnaryBackward {
        Tanh(Workers workers) {
            super(workers);
        }

        @Override
        void range(int from, int to, int worker) {
            loop(to - from, y.array(), y.offset() + from,
                    dy.array(), dy.offset() + from, accumulate, dx.array(), dx.offset() + from);
        }

        private static void loop(int n, float[] y, int yi, float[] g, int gi, boolean accumulate, float[] out, int oi) {
            int i = 0;
            for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
                FloatVector value = fromArray(F, y, yi + i);
                FloatVector term = broadcast(F, 1f).sub(value.mul(value)).mul(fromArray(F, g, gi + i));
                (accumulate ? term.add(fromArray(F, out, oi + i)) : term).intoArray(out, oi + i);
            }
            for (; i < n; i++) {
                put((1f - y[yi + i] * y[yi + i]) * g[gi + i], accumulate, out, oi + i);
            }
        }
    }

    private static final class Sigmoid extends UnaryBackward {
        Sigmoid(Workers workers) {
            super(workers);
        }

        @Override
        void range(int from, int to, int worker) {
            loop(to - from, y.array(), y.offset() + from,
                    dy.array(), dy.offset() + from, accumulate, dx.array(), dx.offset() + from);
        }

        private static void loop(int n, float[] y, int yi, float[] g, int gi, boolean accumulate, float[] out, int oi) {
            int i = 0;
            for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
                FloatVector value = fromArray(F, y, yi + i);
                FloatVector term = broadcast(F, 1f).sub(value).mul(value).mul(fromArray(F, g, gi + i));
                (accumulate ? term.add(fromArray(F, out, oi + i)) : term).intoArray(out, oi + i);
            }
            for (; i < n; i++) {
                put((1f - y[yi + i]) * y[yi + i] * g[gi + i], accumulate, out, oi + i);
            }
        }
    }

    private static final class Relu extends UnaryBackward {
        Relu(Workers workers) {
            super(workers);
        }

        @Override
        void range(int from, int to, int worker) {
            loop(to - from, x.array(), x.offset() + from,
                    dy.array(), dy.offset() + from, accumulate, dx.array(), dx.offset() + from);
        }

        private static void loop(int n, float[] x, int xi, float[] g, int gi, boolean accumulate, float[] out, int oi) {
            int i = 0;
            for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
                FloatVector term = broadcast(F, 0f).blend(fromArray(F, g, gi + i), fromArray(F, x, xi + i).compare(GT, 0f));
                (accumulate ? term.add(fromArray(F, out, oi + i)) : term).intoArray(out, oi + i);
            }
            for (; i < n; i++) {
                put(x[xi + i] > 0f ? g[gi + i] : 0f, accumulate, out, oi + i);
            }
        }
    }

    private static final class Silu extends UnaryBackward {
        Silu(Workers workers) {
            super(workers);
        }

        @Override
        void range(int from, int to, int worker) {
            loop(to - from, x.array(), x.offset() + from,
                    dy.array(), dy.offset() + from, accumulate, dx.array(), dx.offset() + from);
        }

        private static void loop(int n, float[] x, int xi, float[] g, int gi, boolean accumulate, float[] out, int oi) {
            int i = 0;
            for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
                FloatVector term = Activations.siluDerivative(fromArray(F, x, xi + i)).mul(fromArray(F, g, gi + i));
                (accumulate ? term.add(fromArray(F, out, oi + i)) : term).intoArray(out, oi + i);
            }
            for (; i < n; i++) {
                put(Activations.siluDerivative(x[xi + i]) * g[gi + i], accumulate, out, oi + i);
            }
        }
    }

    private static final class GeluTanh extends UnaryBackward {
        GeluTanh(Workers workers) {
            super(workers);
        }

        @Override
        void range(int from, int to, int worker) {
            loop(to - from, x.array(), x.offset() + from,
                    dy.array(), dy.offset() + from, accumulate, dx.array(), dx.offset() + from);
        }

        private static void loop(int n, float[] x, int xi, float[] g, int gi, boolean accumulate, float[] out, int oi) {
            int i = 0;
            for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
                FloatVector term = Activations.geluTanhDerivative(fromArray(F, x, xi + i)).mul(fromArray(F, g, gi + i));
                (accumulate ? term.add(fromArray(F, out, oi + i)) : term).intoArray(out, oi + i);
            }
            for (; i < n; i++) {
                put(Activations.geluTanhDerivative(x[xi + i]) * g[gi + i], accumulate, out, oi + i);
            }
        }
    }

    private static final class GeluErf extends UnaryBackward {
        GeluErf(Workers workers) {
            super(workers);
        }

        @Override
        void range(int from, int to, int worker) {
            loop(to - from, x.array(), x.offset() + from, y.array(), y.offset() + from,
                    dy.array(), dy.offset() + from, accumulate, dx.array(), dx.offset() + from);
        }

        private static void loop(int n, float[] x, int xi, float[] y, int yi, float[] g, int gi, boolean accumulate, float[] out, int oi) {
            int i = 0;
            for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
                FloatVector slope = Activations.geluErfDerivative(fromArray(F, x, xi + i), fromArray(F, y, yi + i));
                FloatVector term = slope.mul(fromArray(F, g, gi + i));
                (accumulate ? term.add(fromArray(F, out, oi + i)) : term).intoArray(out, oi + i);
            }
            for (; i < n; i++) {
                put(Activations.geluErfDerivative(x[xi + i], y[yi + i]) * g[gi + i], accumulate, out, oi + i);
            }
        }
    }
}
