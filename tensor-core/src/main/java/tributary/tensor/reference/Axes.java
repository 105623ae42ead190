package tributary.tensor.reference;

import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// Sums over an axis and the exchange of two axes.
final class Axes {

    private Axes() {}

    static void sum(Tensor x, int length, int inner, float alpha, boolean accumulate, Tensor out) {
        int outer = out.elements() / inner;
        for (int o = 0; o < outer; o++) {
            for (int i = 0; i < inner; i++) {
                double sum = 0;
                for (int l = 0; l < length; l++) {
                    sum += x.get((o * length + l) * inner + i);
                }
                Elementwise.put(out, o * inner + i, accumulate, alpha * sum);
            }
        }
    }

    static void broadcast(Tensor dout, int length, int inner, float alpha, boolean accumulate, Tensor dx) {
        int outer = dout.elements() / inner;
        for (int o = 0; o < outer; o++) {
            for (int l = 0; l < length; l++) {
                for (int i = 0; i < inner; i++) {
                    Elementwise.put(dx, (o * length + l) * inner + i, accumulate, (double) alpha * dout.get(o * inner + i));
                }
            }
        }
    }

    static double squaredNorm(Tensor x) {
        double sum = 0;
        for (int i = 0; i < x.elements(); i++) {
            sum += (double) x.get(i) * x.get(i);
        }
        return sum;
    }

    static void transpose(Tensor x, int axis1, int axis2, boolean accumulate, Tensor y) {
        // Seen as (outer, p, middle, q, inner) -> (outer, q, middle, p, inner).
        Shape shape = x.shape();
        int low = Math.min(axis1, axis2);
        int high = Math.max(axis1, axis2);
        if (low == high) {
            Elementwise.copy(x, accumulate, y);
            return;
        }
        int outer = shape.elements(0, low);
        int p = shape.size(low);
        int middle = shape.elements(low + 1, high);
        int q = shape.size(high);
        int inner = shape.elements(high + 1, shape.rank());
        int from = 0;
        for (int o = 0; o < outer; o++) {
            for (int ip = 0; ip < p; ip++) {
                for (int m = 0; m < middle; m++) {
                    for (int iq = 0; iq < q; iq++) {
                        for (int i = 0; i < inner; i++) {
                            int to = (((o * q + iq) * middle + m) * p + ip) * inner + i;
                            Elementwise.put(y, to, accumulate, x.get(from++));
                        }
                    }
                }
            }
        }
    }
}
