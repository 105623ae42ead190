package tributary.tensor.simd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

/// The elementary functions over all of float32, every [#STRIDE]-th number by its bits: the error against float64 that
/// [VectorMath] states, and the same bits in a vector's lane and in the scalar twin.
class VectorMathTest {
    private static final int STRIDE = 4099;
    private static final int BATCH = 4096;

    private interface FloatFunction {
        float apply(float x);
    }

    @Test
    void exp() {
        check(VectorMath::exp, VectorMath::exp, Math::exp, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, 1.02);
        assertThat(VectorMath.exp(0f)).isEqualTo(1f);
        assertThat(VectorMath.exp(88.72283f)).isFinite();
        assertThat(VectorMath.exp(88.73f)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(VectorMath.exp(-87.3365f)).isGreaterThanOrEqualTo(Float.MIN_NORMAL);
        assertThat(VectorMath.exp(-87.34f)).isZero();
        assertThat(VectorMath.exp(Float.NEGATIVE_INFINITY)).isZero();
        assertThat(VectorMath.exp(Float.NaN)).isNaN();
        assertThat(VectorMath.expUnlessNegligible(-44.3f)).isEqualTo(VectorMath.exp(-44.3f));
        assertThat(VectorMath.expUnlessNegligible(-44.4f)).isZero();
    }

    @Test
    void log() {
        check(VectorMath::log, VectorMath::log, Math::log, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, 0.86);
        assertThat(VectorMath.log(1f)).isZero();
        assertThat(VectorMath.log(0f)).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(VectorMath.log(-0f)).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(VectorMath.log(-1f)).isNaN();
        assertThat(VectorMath.log(Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(VectorMath.log(Float.MIN_VALUE)).isEqualTo((float) Math.log(Float.MIN_VALUE));
    }

    @Test
    void tanh() {
        check(VectorMath::tanh, VectorMath::tanh, Math::tanh, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, 1.4);
        assertThat(VectorMath.tanh(Float.POSITIVE_INFINITY)).isEqualTo(1f);
        assertThat(VectorMath.tanh(-100f)).isEqualTo(-1f);
    }

    @Test
    void sigmoid() {
        check(VectorMath::sigmoid, VectorMath::sigmoid, x -> 1 / (1 + Math.exp(-x)), Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, 2.5);
    }

    @Test
    void millsRatio() {
        check(VectorMath::millsRatio, VectorMath::millsRatio, VectorMathTest::exactMillsRatio, 0, 14, 7);
    }

    /// (1 - Phi(a)) / phi(a): the power series of Phi near 0, the continued fraction of Laplace beyond.
    private static double exactMillsRatio(double a) {
        if (a > 3) {
            double fraction = 0;
            for (int k = 200; k >= 1; k--) {
                fraction = k / (a + fraction);
            }
            return 1 / (a + fraction);
        }
        double density = Math.exp(-a * a / 2) / Math.sqrt(2 * Math.PI);
        double term = a;
        double sum = a;
        for (int k = 1; k < 100; k++) {
            term *= a * a / (2 * k + 1);
            sum += term;
        }
        return (0.5 - density * sum) / density;
    }

    private static void check(
            UnaryOperator<FloatVector> vector, FloatFunction scalar, DoubleUnaryOperator exact, float from, float to, double allowed) {
        float[] in = new float[BATCH];
        float[] out = new float[BATCH];
        double worst = 0;
        float worstAt = 0;
        for (long bits = Integer.MIN_VALUE; bits <= Integer.MAX_VALUE;) {
            for (int i = 0; i < BATCH; i++, bits += STRIDE) {
                float x = Float.intBitsToFloat((int) Math.min(bits, Integer.MAX_VALUE));
                in[i] = x < from || x > to ? from : x;
            }
            for (int i = 0; i < Lanes.bound(BATCH); i += Lanes.LENGTH) {
                vector.apply(FloatVector.fromArray(Lanes.F, in, i)).intoArray(out, i);
            }
            for (int i = 0; i < BATCH; i++) {
                float value = scalar.apply(in[i]);
                if (!Lanes.SCALAR && Float.compare(value, out[i]) != 0) {
                    assertThat(out[i]).as("lane at " + in[i]).isEqualTo(value);
                }
                double error = error(value, exact.applyAsDouble(in[i]));
                if (error > worst) {
                    worst = error;
                    worstAt = in[i];
                }
            }
        }
        assertThat(worst).as("the largest error in ulp, at " + worstAt).isLessThanOrEqualTo(allowed);
    }

    /// In units of the last place; results below the smallest normal number may be anything down to zero.
    private static double error(float value, double exact) {
        float rounded = (float) exact;
        if (Double.isNaN(exact) || Float.isInfinite(rounded) || Float.isInfinite(value)) {
            return Float.compare(value, rounded) == 0 ? 0 : Double.POSITIVE_INFINITY;
        }
        if (Math.abs(exact) < Float.MIN_NORMAL) {
            return Math.abs(value) <= Float.MIN_NORMAL ? 0 : Double.POSITIVE_INFINITY;
        }
        return Math.abs(value - exact) / Math.ulp(rounded);
    }
}
