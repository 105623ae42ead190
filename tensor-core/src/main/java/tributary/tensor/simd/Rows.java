package tributary.tensor.simd;

import static jdk.incubator.vector.VectorOperators.GT;
import static tributary.tensor.simd.Lanes.all;
import static tributary.tensor.simd.Lanes.fma;
import static tributary.tensor.simd.Lanes.load;

import jdk.incubator.vector.FloatVector;

/// What a row of numbers comes down to. Four vectors are summed side by side, because one addition waits for the last
/// one's result but not for its neighbours'; then their lanes in a fixed order, and the tail in float64.
///
/// Every method takes the length n of the row, its array and first index, and a buffer for the lanes.
final class Rows {
    private Rows() {}

    static double sum(int n, float[] x, int xi, float[] lanes) {
        int step = Lanes.LENGTH;
        int i = 0;
        double total = 0;
        if (Lanes.bound(n) > 0) {
            FloatVector a = all(0f);
            FloatVector b = all(0f);
            FloatVector c = all(0f);
            FloatVector d = all(0f);
            for (; i <= Lanes.bound(n) - 4 * step; i += 4 * step) {
                a = a.add(load(x, xi + i));
                b = b.add(load(x, xi + i + step));
                c = c.add(load(x, xi + i + 2 * step));
                d = d.add(load(x, xi + i + 3 * step));
            }
            for (; i < Lanes.bound(n); i += step) {
                a = a.add(load(x, xi + i));
            }
            total = Lanes.sum(a.add(b).add(c.add(d)), lanes);
        }
        for (; i < n; i++) {
            total += x[xi + i];
        }
        return total;
    }

    /// The sum of x y.
    static double dot(int n, float[] x, int xi, float[] y, int yi, float[] lanes) {
        int step = Lanes.LENGTH;
        int i = 0;
        double total = 0;
        if (Lanes.bound(n) > 0) {
            FloatVector a = all(0f);
            FloatVector b = all(0f);
            FloatVector c = all(0f);
            FloatVector d = all(0f);
            for (; i <= Lanes.bound(n) - 4 * step; i += 4 * step) {
                a = fma(load(x, xi + i), load(y, yi + i), a);
                b = fma(load(x, xi + i + step), load(y, yi + i + step), b);
                c = fma(load(x, xi + i + 2 * step), load(y, yi + i + 2 * step), c);
                d = fma(load(x, xi + i + 3 * step), load(y, yi + i + 3 * step), d);
            }
            for (; i < Lanes.bound(n); i += step) {
                a = fma(load(x, xi + i), load(y, yi + i), a);
            }
            total = Lanes.sum(a.add(b).add(c.add(d)), lanes);
        }
        for (; i < n; i++) {
            total += (double) x[xi + i] * y[yi + i];
        }
        return total;
    }

    /// The sum of (x - centre)^2.
    static double squaredDistance(int n, float[] x, int xi, float centre, float[] lanes) {
        int step = Lanes.LENGTH;
        int i = 0;
        double total = 0;
        if (Lanes.bound(n) > 0) {
            FloatVector a = all(0f);
            FloatVector b = all(0f);
            FloatVector c = all(0f);
            FloatVector d = all(0f);
            for (; i <= Lanes.bound(n) - 4 * step; i += 4 * step) {
                FloatVector p = load(x, xi + i).sub(centre);
                FloatVector q = load(x, xi + i + step).sub(centre);
                FloatVector r = load(x, xi + i + 2 * step).sub(centre);
                FloatVector s = load(x, xi + i + 3 * step).sub(centre);
                a = fma(p, p, a);
                b = fma(q, q, b);
                c = fma(r, r, c);
                d = fma(s, s, d);
            }
            for (; i < Lanes.bound(n); i += step) {
                FloatVector p = load(x, xi + i).sub(centre);
                a = fma(p, p, a);
            }
            total = Lanes.sum(a.add(b).add(c.add(d)), lanes);
        }
        for (; i < n; i++) {
            double p = (double) x[xi + i] - centre;
            total += p * p;
        }
        return total;
    }

    /// The largest number; NaN is passed over, and shows in the sums that follow.
    static float max(int n, float[] x, int xi, float[] lanes) {
        int step = Lanes.LENGTH;
        int i = 0;
        float largest = Float.NEGATIVE_INFINITY;
        if (Lanes.bound(n) > 0) {
            FloatVector a = all(Float.NEGATIVE_INFINITY);
            FloatVector b = a;
            for (; i <= Lanes.bound(n) - 2 * step; i += 2 * step) {
                a = larger(a, load(x, xi + i));
                b = larger(b, load(x, xi + i + step));
            }
            for (; i < Lanes.bound(n); i += step) {
                a = larger(a, load(x, xi + i));
            }
            larger(a, b).intoArray(lanes, 0);
            for (int lane = 0; lane < step; lane++) {
                largest = lanes[lane] > largest ? lanes[lane] : largest;
            }
        }
        for (; i < n; i++) {
            largest = x[xi + i] > largest ? x[xi + i] : largest;
        }
        return largest;
    }

    // FloatVector.max orders NaN and -0 as Math.max does, at several times the price.
    private static FloatVector larger(FloatVector a, FloatVector b) {
        return a.blend(b, b.compare(GT, a));
    }

    /// The sum of e^(x - shift).
    static double sumOfExp(int n, float[] x, int xi, float shift, float[] lanes) {
        int step = Lanes.LENGTH;
        int i = 0;
        double total = 0;
        if (Lanes.bound(n) > 0) {
            FloatVector a = all(0f);
            FloatVector b = all(0f);
            for (; i <= Lanes.bound(n) - 2 * step; i += 2 * step) {
                a = a.add(VectorMath.exp(load(x, xi + i).sub(shift)));
                b = b.add(VectorMath.exp(load(x, xi + i + step).sub(shift)));
            }
            for (; i < Lanes.bound(n); i += step) {
                a = a.add(VectorMath.exp(load(x, xi + i).sub(shift)));
            }
            total = Lanes.sum(a.add(b), lanes);
        }
        for (; i < n; i++) {
            total += VectorMath.exp(x[xi + i] - shift);
        }
        return total;
    }
}
