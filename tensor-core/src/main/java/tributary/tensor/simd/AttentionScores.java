package tributary.tensor.simd;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;
import static tributary.tensor.simd.Lanes.fma;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/// What attention does to a tile of scores (keys, queries) between its products. A column belongs to one query; with
/// vectors, a row is two of them.
///
/// Exponentials are powers of two here: e^(scale x) = 2^(c x) with c = scale log2(e), which needs one rounding less than
/// [VectorMath#exp], and no care for large results, because none is above 1. Their loops are written out for both vectors
/// of a row: the compiler then does not merge them into their callers, where they would exceed what it inlines, and one
/// call that is not inlined turns every vector into an object.
final class AttentionScores {
    private static final float LOG2_E = 1.44269504f;
    /// Adding 1.5 * 2^23 rounds to a whole number and leaves it in the low bits.
    private static final float ROUND = 12582912f;
    /// Powers below are 0, as in [VectorMath#expUnlessNegligible] and for the same reason.
    private static final float SMALLEST = -64f;
    private static final int MANTISSA_BITS = 23;
    /// 2^r = 1 + r (E1 + E2 r + ...) for |r| <= 1/2: a minimax fit of the relative error, at most 8e-8 in float32.
    private static final float E1 = 0.69314718f;
    private static final float E2 = 0.24022648f;
    private static final float E3 = 0.055503324f;
    private static final float E4 = 0.0096184369f;
    private static final float E5 = 0.0013398875f;
    private static final float E6 = 1.5353361e-4f;

    private AttentionScores() {}

    /// Sets scores of keys after their query to -infinity.
    ///
    /// @param ahead how many positions the first query stands after the first key, also negative
    static void mask(float[] scores, int keys, int ahead, int queries) {
        for (int i = Math.max(0, ahead + 1); i < keys; i++) {
            int row = i * queries;
            Arrays.fill(scores, row, row + Math.min(queries, i - ahead), Float.NEGATIVE_INFINITY);
        }
    }

    /// The first step of the online softmax in every column: max, scores = e^(scale (scores - max)) and their sum.
    static void firstSoftmax(float[] scores, int keys, int queries, float scale, float[] max, float[] sum) {
        Arrays.fill(max, Float.NEGATIVE_INFINITY);
        Arrays.fill(sum, 0);
        columnMax(scores, keys, queries, max);
        exponentiate(scores, keys, queries, scale, max, sum);
    }

    /// One further step: scores = e^(scale (scores - max)) with the new max, sums carried
    /// on, and the factor that brings what was summed before to the new max.
    static void softmax(float[] scores, int keys, int queries, float scale, float[] max, float[] sum, float[] factor) {
        raise(scores, keys, queries, scale, max, sum, factor);
        exponentiate(scores, keys, queries, scale, max, sum);
    }

    private static void raise(float[] scores, int keys, int queries, float scale, float[] max, float[] sum, float[] factor) {
        System.arraycopy(max, 0, factor, 0, queries);
        columnMax(scores, keys, queries, max);
        for (int j = 0; j < queries; j++) {
            factor[j] = VectorMath.exp((factor[j] - max[j]) * scale);
            sum[j] *= factor[j];
        }
    }

    private static void columnMax(float[] scores, int keys, int queries, float[] max) {
        int end = keys * queries;
        int j = 0;
        for (; j < Lanes.bound(queries); j += Lanes.LENGTH) {
            FloatVector highest = FloatVector.fromArray(Lanes.F, max, j);
            for (int i = j; i < end; i += queries) {
                highest = highest.max(FloatVector.fromArray(Lanes.F, scores, i));
            }
            highest.intoArray(max, j);
        }
        for (; j < queries; j++) {
            for (int i = j; i < end; i += queries) {
                max[j] = Math.max(max[j], scores[i]);
            }
        }
    }

    private static void exponentiate(float[] scores, int keys, int queries, float scale, float[] max, float[] sum) {
        int end = keys * queries;
        if (Lanes.SCALAR) {
            for (int j = 0; j < queries; j++) {
                for (int i = j; i < end; i += queries) {
                    scores[i] = VectorMath.expUnlessNegligible((scores[i] - max[j]) * scale);
                    sum[j] += scores[i];
                }
            }
            return;
        }
        FloatVector c = FloatVector.broadcast(Lanes.F, scale * LOG2_E);
        FloatVector one = FloatVector.broadcast(Lanes.F, 1f);
        FloatVector e1 = FloatVector.broadcast(Lanes.F, E1);
        FloatVector e2 = FloatVector.broadcast(Lanes.F, E2);
        FloatVector e3 = FloatVector.broadcast(Lanes.F, E3);
        FloatVector e4 = FloatVector.broadcast(Lanes.F, E4);
        FloatVector e5 = FloatVector.broadcast(Lanes.F, E5);
        FloatVector e6 = FloatVector.broadcast(Lanes.F, E6);
        FloatVector round = FloatVector.broadcast(Lanes.F, ROUND);
        FloatVector maxA = FloatVector.fromArray(Lanes.F, max, 0);
        FloatVector maxB = FloatVector.fromArray(Lanes.F, max, Lanes.LENGTH);
        FloatVector sumA = FloatVector.fromArray(Lanes.F, sum, 0);
        FloatVector sumB = FloatVector.fromArray(Lanes.F, sum, Lanes.LENGTH);
        for (int i = 0; i < end; i += queries) {
            FloatVector x = FloatVector.fromArray(Lanes.F, scores, i).sub(maxA).mul(c);
            FloatVector shifted = x.add(round);
            FloatVector r = x.sub(shifted.sub(round));
            FloatVector p = r.fma(e6, e5);
            p = p.fma(r, e4);
            p = p.fma(r, e3);
            p = p.fma(r, e2);
            p = p.fma(r, e1);
            p = p.fma(r, one);
            p = p.reinterpretAsInts().add(shifted.reinterpretAsInts().lanewise(LSHL, MANTISSA_BITS)).reinterpretAsFloats();
            p = p.blend(0f, x.compare(LT, SMALLEST));
            sumA = sumA.add(p);
            p.intoArray(scores, i);

            x = FloatVector.fromArray(Lanes.F, scores, i + Lanes.LENGTH).sub(maxB).mul(c);
            shifted = x.add(round);
            r = x.sub(shifted.sub(round));
            p = r.fma(e6, e5);
            p = p.fma(r, e4);
            p = p.fma(r, e3);
            p = p.fma(r, e2);
            p = p.fma(r, e1);
            p = p.fma(r, one);
            p = p.reinterpretAsInts().add(shifted.reinterpretAsInts().lanewise(LSHL, MANTISSA_BITS)).reinterpretAsFloats();
            p = p.blend(0f, x.compare(LT, SMALLEST));
            sumB = sumB.add(p);
            p.intoArray(scores, i + Lanes.LENGTH);
        }
        sumA.intoArray(sum, 0);
        sumB.intoArray(sum, Lanes.LENGTH);
    }

    /// scores = P = e^(scale scores - logSumExp), and dscores, which is dP, becomes scale P (dP - dots).
    static void softmaxBackward(float[] scores, float[] dscores, int keys, int queries, float scale, float[] logSumExp, float[] dots) {
        int end = keys * queries;
        if (Lanes.SCALAR) {
            for (int j = 0; j < queries; j++) {
                for (int i = j; i < end; i += queries) {
                    scores[i] = VectorMath.expUnlessNegligible(scores[i] * scale - logSumExp[j]);
                    dscores[i] = scores[i] * (dscores[i] - dots[j]) * scale;
                }
            }
            return;
        }
        FloatVector c = FloatVector.broadcast(Lanes.F, scale * LOG2_E);
        FloatVector one = FloatVector.broadcast(Lanes.F, 1f);
        FloatVector e1 = FloatVector.broadcast(Lanes.F, E1);
        FloatVector e2 = FloatVector.broadcast(Lanes.F, E2);
        FloatVector e3 = FloatVector.broadcast(Lanes.F, E3);
        FloatVector e4 = FloatVector.broadcast(Lanes.F, E4);
        FloatVector e5 = FloatVector.broadcast(Lanes.F, E5);
        FloatVector e6 = FloatVector.broadcast(Lanes.F, E6);
        FloatVector round = FloatVector.broadcast(Lanes.F, ROUND);
        FloatVector factor = FloatVector.broadcast(Lanes.F, scale);
        FloatVector lessA = FloatVector.fromArray(Lanes.F, logSumExp, 0).mul(-LOG2_E);
        FloatVector lessB = FloatVector.fromArray(Lanes.F, logSumExp, Lanes.LENGTH).mul(-LOG2_E);
        FloatVector dotA = FloatVector.fromArray(Lanes.F, dots, 0);
        FloatVector dotB = FloatVector.fromArray(Lanes.F, dots, Lanes.LENGTH);
        for (int i = 0; i < end; i += queries) {
            FloatVector x = FloatVector.fromArray(Lanes.F, scores, i).fma(c, lessA);
            FloatVector shifted = x.add(round);
            FloatVector r = x.sub(shifted.sub(round));
            FloatVector p = r.fma(e6, e5);
            p = p.fma(r, e4);
            p = p.fma(r, e3);
            p = p.fma(r, e2);
            p = p.fma(r, e1);
            p = p.fma(r, one);
            p = p.reinterpretAsInts().add(shifted.reinterpretAsInts().lanewise(LSHL, MANTISSA_BITS)).reinterpretAsFloats();
            p = p.blend(0f, x.compare(LT, SMALLEST));
            p.intoArray(scores, i);
            p.mul(FloatVector.fromArray(Lanes.F, dscores, i).sub(dotA)).mul(factor).intoArray(dscores, i);

            x = FloatVector.fromArray(Lanes.F, scores, i + Lanes.LENGTH).fma(c, lessB);
            shifted = x.add(round);
            r = x.sub(shifted.sub(round));
            p = r.fma(e6, e5);
            p = p.fma(r, e4);
            p = p.fma(r, e3);
            p = p.fma(r, e2);
            p = p.fma(r, e1);
            p = p.fma(r, one);
            p = p.reinterpretAsInts().add(shifted.reinterpretAsInts().lanewise(LSHL, MANTISSA_BITS)).reinterpretAsFloats();
            p = p.blend(0f, x.compare(LT, SMALLEST));
            p.intoArray(scores, i + Lanes.LENGTH);
            p.mul(FloatVector.fromArray(Lanes.F, dscores, i + Lanes.LENGTH).sub(dotB)).mul(factor).intoArray(dscores, i + Lanes.LENGTH);
        }
    }

    /// x[i][j] *= factor[j].
    static void scaleColumns(float[] x, int rows, int columns, float[] factor) {
        int end = rows * columns;
        int j = 0;
        for (; j < Lanes.bound(columns); j += Lanes.LENGTH) {
            FloatVector f = FloatVector.fromArray(Lanes.F, factor, j);
            for (int i = j; i < end; i += columns) {
                FloatVector.fromArray(Lanes.F, x, i).mul(f).intoArray(x, i);
            }
        }
        for (; j < columns; j++) {
            for (int i = j; i < end; i += columns) {
                x[i] *= factor[j];
            }
        }
    }

    /// sums[j] = sum over i of x[i][j] y[i][j].
    static void columnDots(float[] x, float[] y, int rows, int columns, float[] sums) {
        int end = rows * columns;
        int j = 0;
        for (; j < Lanes.bound(columns); j += Lanes.LENGTH) {
            FloatVector total = FloatVector.zero(Lanes.F);
            for (int i = j; i < end; i += columns) {
                total = FloatVector.fromArray(Lanes.F, x, i).fma(FloatVector.fromArray(Lanes.F, y, i), total);
            }
            total.intoArray(sums, j);
        }
        for (; j < columns; j++) {
            float total = 0;
            for (int i = j; i < end; i += columns) {
                total = fma(x[i], y[i], total);
            }
            sums[j] = total;
        }
    }
}
