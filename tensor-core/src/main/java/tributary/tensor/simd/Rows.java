package tributary.tensor.simd;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GT;
import static tributary.tensor.simd.Lanes.F;

import jdk.incubator.vector.FloatVector;

/// What a row of numbers comes down to. Four vectors are summed side by side, because one addition waits for the last
/// one's result but not for its neighbours'; then their lanes in a fixed order, and the tail in float64.
///
/// Every method takes the length n of the row, its array and first index, and a buffer for the lanes.
final class Rows {
    private static final int RUN = 4096;

    private Rows() {}

    static double sum(int n, float[] x, int xi, float[] lanes) {
        int step = Lanes.LENGTH;
        int i = 0;
        double total = 0;
        int bound = Lanes.bound(n);
        if (bound > 0) {
            FloatVector a = broadcast(F, 0f);
            FloatVector b = broadcast(F, 0f);
            FloatVector c = broadcast(F, 0f);
            FloatVector d = broadcast(F, 0f);
            for (; i <= bound - 4 * step; i += 4 * step) {
                a = a.add(fromArray(F, x, xi + i));
                b = b.add(fromArray(F, x, xi + i + step));
                c = c.add(fromArray(F, x, xi + i + 2 * step));
                d = d.add(fromArray(F, x, xi + i + 3 * step));
            }
            for (; i < bound; i += step) {
                a = a.add(fromArray(F, x, xi + i));
            }
            a.add(b).add(c.add(d)).intoArray(lanes, 0);
            total = Lanes.sum(lanes);
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
        int bound = Lanes.bound(n);
        if (bound > 0) {
            FloatVector a = broadcast(F, 0f);
            FloatVector b = broadcast(F, 0f);
            FloatVector c = broadcast(F, 0f);
            FloatVector d = broadcast(F, 0f);
            for (; i <= bound - 4 * step; i += 4 * step) {
                a = fromArray(F, x, xi + i).fma(fromArray(F, y, yi + i), a);
                b = fromArray(F, x, xi + i + step).fma(fromArray(F, y, yi + i + step), b);
                c = fromArray(F, x, xi + i + 2 * step).fma(fromArray(F, y, yi + i + 2 * step), c);
                d = fromArray(F, x, xi + i + 3 * step).fma(fromArray(F, y, yi + i + 3 * step), d);
            }
            for (; i < bound; i += step) {
                a = fromArray(F, x, xi + i).fma(fromArray(F, y, yi + i), a);
            }
            a.add(b).add(c.add(d)).intoArray(lanes, 0);
            total = Lanes.sum(lanes);
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
        int bound = Lanes.bound(n);
        if (bound > 0) {
            FloatVector a = broadcast(F, 0f);
            FloatVector b = broadcast(F, 0f);
            FloatVector c = broadcast(F, 0f);
            FloatVector d = broadcast(F, 0f);
            for (; i <= bound - 4 * step; i += 4 * step) {
                FloatVector p = fromArray(F, x, xi + i).sub(centre);
                FloatVector q = fromArray(F, x, xi + i + step).sub(centre);
                FloatVector r = fromArray(F, x, xi + i + 2 * step).sub(centre);
                FloatVector s = fromArray(F, x, xi + i + 3 * step).sub(centre);
                a = p.fma(p, a);
                b = q.fma(q, b);
                c = r.fma(r, c);
                d = s.fma(s, d);
            }
            for (; i < bound; i += step) {
                FloatVector p = fromArray(F, x, xi + i).sub(centre);
                a = p.fma(p, a);
            }
            a.add(b).add(c.add(d)).intoArray(lanes, 0);
            total = Lanes.sum(lanes);
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
        int bound = Lanes.bound(n);
        if (bound > 0) {
            FloatVector a = broadcast(F, Float.NEGATIVE_INFINITY);
            FloatVector b = a;
            for (; i <= bound - 2 * step; i += 2 * step) {
                FloatVector p = fromArray(F, x, xi + i);
                FloatVector q = fromArray(F, x, xi + i + step);
                a = a.blend(p, p.compare(GT, a)); // FloatVector.max costs several times as much: it orders NaN and -0
                b = b.blend(q, q.compare(GT, b));
            }
            for (; i < bound; i += step) {
                FloatVector p = fromArray(F, x, xi + i);
                a = a.blend(p, p.compare(GT, a));
            }
            a.blend(b, b.compare(GT, a)).intoArray(lanes, 0);
            for (int lane = 0; lane < step; lane++) {
                largest = lanes[lane] > largest ? lanes[lane] : largest;
            }
        }
        for (; i < n; i++) {
            largest = x[xi + i] > largest ? x[xi + i] : largest;
        }
        return largest;
    }

    /// The sum of e^(x - shift): [#RUN] numbers in float32 lanes, then on top of the total in float64.
    static double sumOfExp(int n, float[] x, int xi, float shift, float[] lanes) {
        double total = 0;
        for (int start = 0; start < n; start += RUN) {
            total += sumOfExpRun(Math.min(RUN, n - start), x, xi + start, shift, lanes);
        }
        return total;
    }

    private static double sumOfExpRun(int n, float[] x, int xi, float shift, float[] lanes) {
        int i = 0;
        double total = 0;
        int bound = Lanes.bound(n);
        if (bound > 0) {
            FloatVector sum = broadcast(F, 0f);
            for (; i < bound; i += Lanes.LENGTH) {
                sum = sum.add(VectorMath.exp(fromArray(F, x, xi + i).sub(shift)));
            }
            sum.intoArray(lanes, 0);
            total = Lanes.sum(lanes);
        }
        for (; i < n; i++) {
            total += VectorMath.exp(x[xi + i] - shift);
        }
        return total;
    }
}
