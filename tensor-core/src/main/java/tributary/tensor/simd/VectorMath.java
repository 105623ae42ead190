package tributary.tensor.simd;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;
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
/// | [#millsRatio] | 6.1 ulp for a <= 14 | worse above, where the density is 0 in float32 |
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
    private static final float M0 = 0.3000099f;
    private static final float M1 = 0.29972467f;
    private static final float M2 = 0.27629894f;
    private static final float M3 = 0.19658375f;
    private static final float M4 = 0.24078135f;
    private static final float M5 = -0.19864379f;
    private static final float M6 = 0.4802243f;
    private static final float M7 = -0.5716807f;
    private static final float M8 = 0.28168437f;
    private static final float M9 = -0.051668715f;

    private VectorMath() {}

    /// e^x.
    static FloatVector exp(FloatVector x) {
        FloatVector shifted = fma(x, all(LOG2_E), all(ROUND));
        FloatVector n = shifted.sub(ROUND);
        FloatVector r = fma(n, all(-LN2_LOW), fma(n, all(-LN2_HIGH), x));
        FloatVector p = fma(r, all(E4), all(E3));
        p = fma(p, r, all(E2));
        p = fma(p, r, all(E1));
        p = fma(p, r, all(E0));
        p = fma(p.mul(r), r, r).add(1f);
        FloatVector y = p.reinterpretAsInts().add(shifted.reinterpretAsInts().lanewise(LSHL, MANTISSA_BITS)).reinterpretAsFloats();
        FloatVector finite = x.mul(Float.POSITIVE_INFINITY).blend(y, x.compare(LE, EXP_LARGEST));
        return finite.blend(0f, x.compare(LT, EXP_SMALLEST));
    }

    /// e^x.
    static float exp(float x) {
        if (!(x <= EXP_LARGEST)) {
            return x * Float.POSITIVE_INFINITY; // infinity, or NaN for NaN
        }
        if (x < EXP_SMALLEST) {
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
        FloatVector p = fma(f, all(L7), all(L6));
        p = fma(p, f, all(L5));
        p = fma(p, f, all(L4));
        p = fma(p, f, all(L3));
        p = fma(p, f, all(L2));
        p = fma(p, f, all(L1));
        p = fma(p, f, all(L0));
        FloatVector square = f.mul(f);
        FloatVector y = fma(square.mul(f), p, e.mul(LN2_LOW));
        y = fma(square, all(-0.5f), y).add(f);
        y = fma(e, all(LN2_HIGH), y);
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
        FloatVector p = fma(square, all(T4), all(T3));
        p = fma(p, square, all(T2));
        p = fma(p, square, all(T1));
        p = fma(p, square, all(T0));
        FloatVector small = fma(p.mul(square), x, x);
        FloatVector large = all(1f).sub(all(2f).div(exp(a.add(a)).add(1f)));
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
        return all(1f).div(exp(x.neg()).add(1f));
    }

    /// 1 / (1 + e^-x).
    static float sigmoid(float x) {
        return 1f / (exp(-x) + 1f);
    }

    /// Mills' ratio of the normal distribution at a >= 0: (1 - Phi(a)) / phi(a), the tail over the density.
    static FloatVector millsRatio(FloatVector a) {
        FloatVector t = all(1f).div(fma(a, all(M), all(1f)));
        FloatVector p = fma(t, all(M9), all(M8));
        p = fma(p, t, all(M7));
        p = fma(p, t, all(M6));
        p = fma(p, t, all(M5));
        p = fma(p, t, all(M4));
        p = fma(p, t, all(M3));
        p = fma(p, t, all(M2));
        p = fma(p, t, all(M1));
        p = fma(p, t, all(M0));
        return p.mul(t);
    }

    /// Mills' ratio of the normal distribution at a >= 0: (1 - Phi(a)) / phi(a), the tail over the density.
    static float millsRatio(float a) {
        float t = 1f / fma(a, M, 1f);
        float p = fma(t, M9, M8);
        p = fma(p, t, M7);
        p = fma(p, t, M6);
        p = fma(p, t, M5);
        p = fma(p, t, M4);
        p = fma(p, t, M3);
        p = fma(p, t, M2);
        p = fma(p, t, M1);
        p = fma(p, t, M0);
        return p * t;
    }

    private static FloatVector all(float value) {
        return FloatVector.broadcast(Lanes.F, value);
    }
}
