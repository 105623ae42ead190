package tributary.tensor.simd;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;
import static tributary.tensor.simd.Lanes.F;
import static tributary.tensor.simd.Lanes.fma;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/// Elementary functions on vectors, each with a scalar twin of the same formula. A lane and the twin give the same
/// bits, and every machine with fused multiply-add gives the same bits as any other.
///
/// The method is the classical one: bring the argument into a short interval, evaluate a polynomial there, scale back.
/// The coefficients are minimax fits of the relative error, rounded to float32. Errors are in units of the last place of
/// the exact result, over all normal float32 arguments; `VectorMathTest` measures them:
///
/// | function | largest error | outside |
/// |---|---|---|
/// | [#exp] | 1.02 ulp | 0 below the smallest normal result; infinity above the largest |
/// | [#log] | 0.86 ulp | -infinity at 0, NaN below |
/// | [#tanh] | 1.4 ulp | -1 and 1 |
/// | [#sigmoid] | 2.5 ulp | 0 below -88.7, 1 |
/// | [#millsRatio] | 7 ulp for a <= 14 | worse above, where the density is 0 in float32 |
///
/// NaN gives NaN.
final class VectorMath {
    private static final float LOG2_E = 1.44269504f;
    /// ln 2 in two parts; whole numbers up to 2^15 times the first are exact.
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;
    /// Adding 1.5 * 2^23 rounds to a whole number and leaves it in the low bits.
    private static final float ROUND = 12582912f;
    private static final float EXP_LARGEST = 88.72283f;
    private static final float EXP_SMALLEST = -87.33654f;
    /// ln 2^-64.
    private static final float NEGLIGIBLE = -44.361419f;
    /// e^r = 1 + r + r^2 (E0 + E1 r + ...) for |r| <= ln(2) / 2.
    private static final float E0 = 0.49999994f;
    private static final float E1 = 0.16666521f;
    private static final float E2 = 0.04166839f;
    private static final float E3 = 0.008368745f;
    private static final float E4 = 0.001381454f;

    private static final float SMALLEST_NORMAL = Float.MIN_NORMAL;
    private static final float TWO_23 = 8388608f;
    private static final int SQRT_HALF_BITS = 0x3f3504f3;
    private static final int MANTISSA_BITS = 23;
    /// ln(1 + f) = f - f^2 / 2 + f^3 (L0 + L1 f + ...) for sqrt(1/2) <= 1 + f < sqrt(2).
    private static final float L0 = 0.3333333f;
    private static final float L1 = -0.2500082f;
    private static final float L2 = 0.20001227f;
    private static final float L3 = -0.16623357f;
    private static final float L4 = 0.14201759f;
    private static final float L5 = -0.13160183f;
    private static final float L6 = 0.12761576f;
    private static final float L7 = -0.07634496f;

    /// tanh x = x + x^3 (T0 + T1 x^2 + ...) below this.
    private static final float TANH_SMALL = 0.625f;
    private static final float T0 = -0.3333328f;
    private static final float T1 = 0.13331442f;
    private static final float T2 = -0.053739715f;
    private static final float T3 = 0.020639088f;
    private static final float T4 = -0.005704988f;

    /// The ratio is t (M0 + M1 t + ...) with t = 1 / (1 + M a).
    private static final float M = 0.3f;
    private static final float M0 = 0.2998662f;
    private static final float M1 = 0.3026853f;
    private static final float M2 = 0.250446f;
    private static final float M3 = 0.3222562f;
    private static final float M4 = -0.13456492f;
    private static final float M5 = 0.5172515f;
    private static final float M6 = -0.39404973f;
    private static final float M7 = 0.08942342f;

    /// Constants as vectors in memory, not made from numbers in the loop where they would stay in registers: slower to
    /// use, but lighter for the compiler, which inlines no method of more than 325 bytes of bytecode and stops inlining in a
    /// loop that has grown too large.
    private static final class V {
        static final FloatVector ONE = broadcast(F, 1f);
        static final FloatVector MINUS_HALF = broadcast(F, -0.5f);
        static final FloatVector LN2_HIGH = broadcast(F, VectorMath.LN2_HIGH);
        static final FloatVector L0 = broadcast(F, VectorMath.L0);
        static final FloatVector L1 = broadcast(F, VectorMath.L1);
        static final FloatVector L2 = broadcast(F, VectorMath.L2);
        static final FloatVector L3 = broadcast(F, VectorMath.L3);
        static final FloatVector L4 = broadcast(F, VectorMath.L4);
        static final FloatVector L5 = broadcast(F, VectorMath.L5);
        static final FloatVector L6 = broadcast(F, VectorMath.L6);
        static final FloatVector L7 = broadcast(F, VectorMath.L7);
        static final FloatVector M = broadcast(F, VectorMath.M);
        static final FloatVector M0 = broadcast(F, VectorMath.M0);
        static final FloatVector M1 = broadcast(F, VectorMath.M1);
        static final FloatVector M2 = broadcast(F, VectorMath.M2);
        static final FloatVector M3 = broadcast(F, VectorMath.M3);
        static final FloatVector M4 = broadcast(F, VectorMath.M4);
        static final FloatVector M5 = broadcast(F, VectorMath.M5);
        static final FloatVector M6 = broadcast(F, VectorMath.M6);
        static final FloatVector M7 = broadcast(F, VectorMath.M7);
    }

    private VectorMath() {}

    /// e^x.
    static FloatVector exp(FloatVector x) {
        return exp(x, EXP_SMALLEST);
    }

    /// e^x where that is at least 2^-64, otherwise 0: for what is added to or taken from something near 1, where less
    /// does not count. Its products with gradients then stay far from the subnormal numbers, with which many processors
    /// compute a hundred times slower.
    static FloatVector expUnlessNegligible(FloatVector x) {
        return exp(x, NEGLIGIBLE);
    }

    private static FloatVector exp(FloatVector x, float smallest) {
        FloatVector shifted = x.fma(broadcast(F, LOG2_E), broadcast(F, ROUND));
        FloatVector n = shifted.sub(ROUND);
        FloatVector r = n.fma(broadcast(F, -LN2_LOW), n.fma(broadcast(F, -LN2_HIGH), x));
        FloatVector p = r.fma(broadcast(F, E4), broadcast(F, E3));
        p = p.fma(r, broadcast(F, E2));
        p = p.fma(r, broadcast(F, E1));
        p = p.fma(r, broadcast(F, E0));
        p = p.mul(r).fma(r, r).add(1f);
        FloatVector y = p.reinterpretAsInts().add(shifted.reinterpretAsInts().lanewise(LSHL, MANTISSA_BITS)).reinterpretAsFloats();
        FloatVector finite = x.mul(Float.POSITIVE_INFINITY).blend(y, x.compare(LE, EXP_LARGEST));
        return finite.blend(0f, x.compare(LT, smallest));
    }

    /// e^x.
    static float exp(float x) {
        return exp(x, EXP_SMALLEST);
    }

    /// As [#expUnlessNegligible(FloatVector)].
    static float expUnlessNegligible(float x) {
        return exp(x, NEGLIGIBLE);
    }

    private static float exp(float x, float smallest) {
        if (!(x <= EXP_LARGEST)) {
            return x * Float.POSITIVE_INFINITY; // infinity, or NaN for NaN
        }
        if (x < smallest) {
            return 0f;
        }
        float shifted = fma(x, LOG2_E, ROUND);
        float n = shifted - ROUND;
        float r = fma(n, -LN2_LOW, fma(n, -LN2_HIGH, x));
        float p = fma(r, E4, E3);
        p = fma(p, r, E2);
        p = fma(p, r, E1);
        p = fma(p, r, E0);
        p = fma(p * r, r, r) + 1f;
        return Float.intBitsToFloat(Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(shifted) << MANTISSA_BITS));
    }

    /// The natural logarithm.
    static FloatVector log(FloatVector x) {
        VectorMask<Float> subnormal = x.compare(LT, SMALLEST_NORMAL);
        IntVector bits = x.blend(x.mul(TWO_23), subnormal).reinterpretAsInts();
        IntVector exponent = bits.sub(SQRT_HALF_BITS).lanewise(ASHR, MANTISSA_BITS);
        FloatVector f = bits.sub(exponent.lanewise(LSHL, MANTISSA_BITS)).reinterpretAsFloats().sub(1f);
        FloatVector e = (FloatVector) exponent.convert(I2F, 0);
        e = e.blend(e.sub(MANTISSA_BITS), subnormal);
        FloatVector p = f.fma(V.L7, V.L6);
        p = p.fma(f, V.L5);
        p = p.fma(f, V.L4);
        p = p.fma(f, V.L3);
        p = p.fma(f, V.L2);
        p = p.fma(f, V.L1);
        p = p.fma(f, V.L0);
        FloatVector square = f.mul(f);
        FloatVector y = square.mul(f).fma(p, e.mul(LN2_LOW));
        y = square.fma(V.MINUS_HALF, y).add(f);
        y = e.fma(V.LN2_HIGH, y);
        // x itself where it is infinity or NaN, x - x = NaN below 0
        y = x.blend(y, x.compare(LT, Float.POSITIVE_INFINITY));
        y = y.blend(Float.NaN, x.compare(LT, 0f));
        return y.blend(Float.NEGATIVE_INFINITY, x.eq(0f));
    }

    /// The natural logarithm.
    static float log(float x) {
        if (x == 0f) {
            return Float.NEGATIVE_INFINITY;
        }
        if (!(x < Float.POSITIVE_INFINITY)) {
            return x;
        }
        if (x < 0f) {
            return Float.NaN;
        }
        boolean subnormal = x < SMALLEST_NORMAL;
        int bits = Float.floatToRawIntBits(subnormal ? x * TWO_23 : x);
        int exponent = bits - SQRT_HALF_BITS >> MANTISSA_BITS;
        float f = Float.intBitsToFloat(bits - (exponent << MANTISSA_BITS)) - 1f;
        float e = subnormal ? exponent - MANTISSA_BITS : exponent;
        float p = fma(f, L7, L6);
        p = fma(p, f, L5);
        p = fma(p, f, L4);
        p = fma(p, f, L3);
        p = fma(p, f, L2);
        p = fma(p, f, L1);
        p = fma(p, f, L0);
        float square = f * f;
        float y = fma(square * f, p, e * LN2_LOW);
        y = fma(square, -0.5f, y) + f;
        return fma(e, LN2_HIGH, y);
    }

    /// The hyperbolic tangent: a polynomial near 0, elsewhere 1 - 2 / (e^(2|x|) + 1) with the sign of x.
    static FloatVector tanh(FloatVector x) {
        FloatVector a = x.abs();
        FloatVector square = x.mul(x);
        FloatVector p = square.fma(broadcast(F, T4), broadcast(F, T3));
        p = p.fma(square, broadcast(F, T2));
        p = p.fma(square, broadcast(F, T1));
        p = p.fma(square, broadcast(F, T0));
        FloatVector small = p.mul(square).fma(x, x);
        FloatVector large = broadcast(F, 1f).sub(broadcast(F, 2f).div(exp(a.add(a)).add(1f)));
        large = large.blend(large.neg(), x.compare(LT, 0f));
        return large.blend(small, a.compare(LT, TANH_SMALL));
    }

    /// The hyperbolic tangent.
    static float tanh(float x) {
        float a = Math.abs(x);
        if (a < TANH_SMALL) {
            float square = x * x;
            float p = fma(square, T4, T3);
            p = fma(p, square, T2);
            p = fma(p, square, T1);
            p = fma(p, square, T0);
            return fma(p * square, x, x);
        }
        float large = 1f - 2f / (exp(a + a) + 1f);
        return x < 0f ? -large : large;
    }

    /// 1 / (1 + e^-x).
    static FloatVector sigmoid(FloatVector x) {
        return broadcast(F, 1f).div(exp(x.neg()).add(1f));
    }

    /// 1 / (1 + e^-x).
    static float sigmoid(float x) {
        return 1f / (exp(-x) + 1f);
    }

    /// Mills' ratio of the normal distribution at a >= 0: (1 - Phi(a)) / phi(a), the tail over the density.
    static FloatVector millsRatio(FloatVector a) {
        FloatVector t = V.ONE.div(a.fma(V.M, V.ONE));
        FloatVector p = t.fma(V.M7, V.M6);
        p = p.fma(t, V.M5);
        p = p.fma(t, V.M4);
        p = p.fma(t, V.M3);
        p = p.fma(t, V.M2);
        p = p.fma(t, V.M1);
        p = p.fma(t, V.M0);
        return p.mul(t);
    }

    /// Mills' ratio of the normal distribution at a >= 0: (1 - Phi(a)) / phi(a), the tail over the density.
    static float millsRatio(float a) {
        float t = 1f / fma(a, M, 1f);
        float p = fma(t, M7, M6);
        p = fma(p, t, M5);
        p = fma(p, t, M4);
        p = fma(p, t, M3);
        p = fma(p, t, M2);
        p = fma(p, t, M1);
        p = fma(p, t, M0);
        return p * t;
    }
}
