package tributary.tensor.simd;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static tributary.tensor.simd.Lanes.F;
import static tributary.tensor.simd.Lanes.fma;

import jdk.incubator.vector.FloatVector;

/// The activations that gate x by a distribution function, and their derivatives, each with a scalar twin.
///
/// SiLU and the tanh form of GELU are both x sigmoid(z): z = x in the one, z = 2 sqrt(2/pi) (x + 0.044715 x^3) in the
/// other, because (1 + tanh u) / 2 = sigmoid(2 u). That form loses nothing to cancellation for negative x.
final class Activations {
    private static final float GELU_LINEAR = (float) (2 * Math.sqrt(2 / Math.PI));
    private static final float GELU_CUBIC = (float) (2 * Math.sqrt(2 / Math.PI) * 0.044715);
    private static final float NORMAL_DENSITY = (float) (1 / Math.sqrt(2 * Math.PI));

    /// Below it y = x Phi(x) may have lost digits to underflow.
    private static final float SMALL = 1e-30f;

    /// The constants as vectors, for the reason that [VectorMath] gives.
    private static final class V {
        static final FloatVector ZERO = broadcast(F, 0f);
        static final FloatVector ONE = broadcast(F, 1f);
        static final FloatVector HALF = broadcast(F, 0.5f);
        static final FloatVector SMALL = broadcast(F, Activations.SMALL);
        static final FloatVector MINUS_HALF = broadcast(F, -0.5f);
        static final FloatVector GELU_LINEAR = broadcast(F, Activations.GELU_LINEAR);
        static final FloatVector GELU_CUBIC = broadcast(F, Activations.GELU_CUBIC);
        static final FloatVector GELU_CUBIC_DERIVATIVE = broadcast(F, 3 * Activations.GELU_CUBIC);
        static final FloatVector NORMAL_DENSITY = broadcast(F, Activations.NORMAL_DENSITY);
    }

    private Activations() {}

    static FloatVector silu(FloatVector x) {
        return x.mul(gate(x));
    }

    static float silu(float x) {
        return x * gate(x);
    }

    static FloatVector siluDerivative(FloatVector x) {
        return gateDerivative(x, x, V.ONE);
    }

    static float siluDerivative(float x) {
        return gateDerivative(x, x, 1f);
    }

    static FloatVector geluTanh(FloatVector x) {
        return x.mul(gate(x.mul(x.mul(x).fma(V.GELU_CUBIC, V.GELU_LINEAR))));
    }

    static float geluTanh(float x) {
        return x * gate(x * fma(x * x, GELU_CUBIC, GELU_LINEAR));
    }

    static FloatVector geluTanhDerivative(FloatVector x) {
        FloatVector square = x.mul(x);
        FloatVector z = x.mul(square.fma(V.GELU_CUBIC, V.GELU_LINEAR));
        return gateDerivative(x, z, square.fma(V.GELU_CUBIC_DERIVATIVE, V.GELU_LINEAR));
    }

    static float geluTanhDerivative(float x) {
        float square = x * x;
        float z = x * fma(square, GELU_CUBIC, GELU_LINEAR);
        return gateDerivative(x, z, fma(square, 3 * GELU_CUBIC, GELU_LINEAR));
    }

    /// sigmoid(z), 0 where that is negligible.
    private static FloatVector gate(FloatVector z) {
        FloatVector e = VectorMath.expUnlessNegligible(z.abs().neg());
        return e.blend(V.ONE, z.compare(GE, V.ZERO)).div(e.add(V.ONE));
    }

    private static float gate(float z) {
        float e = VectorMath.expUnlessNegligible(-Math.abs(z));
        return (z >= 0f ? 1f : e) / (e + 1f);
    }

    /// d(x s)/dx = s + x s (1 - s) dz with s = sigmoid(z). Both s and 1 - s come from e^-|z|, so neither cancels.
    private static FloatVector gateDerivative(FloatVector x, FloatVector z, FloatVector dz) {
        FloatVector e = VectorMath.expUnlessNegligible(z.abs().neg());
        FloatVector larger = V.ONE.div(e.add(V.ONE));
        FloatVector smaller = e.mul(larger);
        return smaller.mul(larger).mul(dz).fma(x, smaller.blend(larger, z.compare(GE, V.ZERO)));
    }

    private static float gateDerivative(float x, float z, float dz) {
        float e = VectorMath.expUnlessNegligible(-Math.abs(z));
        float larger = 1f / (e + 1f);
        float smaller = e * larger;
        return fma(smaller * larger * dz, x, z >= 0f ? larger : smaller);
    }

    static FloatVector geluErf(FloatVector x) {
        return x.mul(normalDistribution(x, normalDensity(x)));
    }

    static float geluErf(float x) {
        return x * normalDistribution(x, normalDensity(x));
    }

    /// Phi(x) + x phi(x), with Phi(x) = y / x taken from the value, and 1/2 where x is too small to divide by.
    static FloatVector geluErfDerivative(FloatVector x, FloatVector y) {
        FloatVector distribution = V.HALF.blend(y.div(x), x.abs().compare(GT, V.SMALL));
        return x.fma(normalDensity(x), distribution);
    }

    /// Phi(x) + x phi(x), with Phi(x) = y / x taken from the value, and 1/2 where x is too small to divide by.
    static float geluErfDerivative(float x, float y) {
        return fma(x, normalDensity(x), Math.abs(x) > SMALL ? y / x : 0.5f);
    }

    private static FloatVector normalDensity(FloatVector x) {
        return VectorMath.expUnlessNegligible(x.mul(x).mul(V.MINUS_HALF)).mul(V.NORMAL_DENSITY);
    }

    private static float normalDensity(float x) {
        return VectorMath.expUnlessNegligible(x * x * -0.5f) * NORMAL_DENSITY;
    }

    /// Phi(x): the tail below, or one minus the tail above.
    private static FloatVector normalDistribution(FloatVector x, FloatVector density) {
        FloatVector tail = density.mul(VectorMath.millsRatio(x.abs()));
        return tail.blend(V.ONE.sub(tail), x.compare(GE, V.ZERO));
    }

    private static float normalDistribution(float x, float density) {
        float tail = density * VectorMath.millsRatio(Math.abs(x));
        return x >= 0f ? 1f - tail : tail;
    }
}
