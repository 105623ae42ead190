package tributary.tensor.simd;

import static jdk.incubator.vector.VectorOperators.GE;
import static tributary.tensor.simd.Lanes.all;
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

    private Activations() {}

    static FloatVector silu(FloatVector x) {
        return x.mul(VectorMath.sigmoid(x));
    }

    static float silu(float x) {
        return x * VectorMath.sigmoid(x);
    }

    static FloatVector siluDerivative(FloatVector x) {
        return gateDerivative(x, x, all(1f));
    }

    static float siluDerivative(float x) {
        return gateDerivative(x, x, 1f);
    }

    static FloatVector geluTanh(FloatVector x) {
        return x.mul(VectorMath.sigmoid(x.mul(fma(x.mul(x), all(GELU_CUBIC), all(GELU_LINEAR)))));
    }

    static float geluTanh(float x) {
        return x * VectorMath.sigmoid(x * fma(x * x, GELU_CUBIC, GELU_LINEAR));
    }

    static FloatVector geluTanhDerivative(FloatVector x) {
        FloatVector square = x.mul(x);
        FloatVector z = x.mul(fma(square, all(GELU_CUBIC), all(GELU_LINEAR)));
        return gateDerivative(x, z, fma(square, all(3 * GELU_CUBIC), all(GELU_LINEAR)));
    }

    static float geluTanhDerivative(float x) {
        float square = x * x;
        float z = x * fma(square, GELU_CUBIC, GELU_LINEAR);
        return gateDerivative(x, z, fma(square, 3 * GELU_CUBIC, GELU_LINEAR));
    }

    /// d(x s)/dx = s + x s (1 - s) dz with s = sigmoid(z). Both s and 1 - s come from e^-|z|, so neither cancels.
    private static FloatVector gateDerivative(FloatVector x, FloatVector z, FloatVector dz) {
        FloatVector e = VectorMath.exp(z.abs().neg());
        FloatVector larger = all(1f).div(e.add(1f));
        FloatVector smaller = e.mul(larger);
        return fma(smaller.mul(larger).mul(dz), x, smaller.blend(larger, z.compare(GE, 0f)));
    }

    private static float gateDerivative(float x, float z, float dz) {
        float e = VectorMath.exp(-Math.abs(z));
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

    static FloatVector geluErfDerivative(FloatVector x) {
        FloatVector density = normalDensity(x);
        return fma(x, density, normalDistribution(x, density));
    }

    static float geluErfDerivative(float x) {
        float density = normalDensity(x);
        return fma(x, density, normalDistribution(x, density));
    }

    private static FloatVector normalDensity(FloatVector x) {
        return VectorMath.exp(x.mul(x).mul(-0.5f)).mul(NORMAL_DENSITY);
    }

    private static float normalDensity(float x) {
        return VectorMath.exp(x * x * -0.5f) * NORMAL_DENSITY;
    }

    /// Phi(x): the tail below, or one minus the tail above.
    private static FloatVector normalDistribution(FloatVector x, FloatVector density) {
        FloatVector tail = density.mul(VectorMath.millsRatio(x.abs()));
        return tail.blend(all(1f).sub(tail), x.compare(GE, 0f));
    }

    private static float normalDistribution(float x, float density) {
        float tail = density * VectorMath.millsRatio(Math.abs(x));
        return x >= 0f ? 1f - tail : tail;
    }
}
