package tributary.tensor.simd;

import static jdk.incubator.vector.FloatVector.fromArray;
import static tributary.tensor.simd.Lanes.F;
import static tributary.tensor.simd.Lanes.fma;
import static tributary.tensor.simd.Lanes.put;

import jdk.incubator.vector.FloatVector;
import tributary.tensor.Tensor;

/// Rotary position embedding. The cosines and sines of all positions are kept between calls, so that a step takes none.
final class Rope extends Ranges {
    private Tensor x = NONE;
    private boolean inverse;
    private boolean accumulate;
    private Tensor y = NONE;

    /// The table below: positions, head size and base it was made for; (positions, hs / 2).
    private int positions;
    private int headSize;
    private float base;
    private float[] cosines = new float[0];
    private float[] sines = new float[0];

    Rope(Workers workers) {
        super(workers);
    }

    void apply(Tensor x, float base, boolean inverse, boolean accumulate, Tensor y) {
        this.x = x;
        this.inverse = inverse;
        this.accumulate = accumulate;
        this.y = y;
        fillTable(x.shape().size(-2), x.shape().last(), base);
        over(x.shape().rows(), rows(x.shape().last()));
        this.x = NONE;
        this.y = NONE;
    }

    private void fillTable(int length, int hs, float base) {
        if (length <= positions && hs == headSize && base == this.base) {
            return;
        }
        int half = hs / 2;
        if (cosines.length < length * half) {
            cosines = new float[length * half];
            sines = new float[length * half];
        }
        for (int i = 0; i < half; i++) {
            double frequency = Math.pow(base, -2.0 * i / hs);
            for (int t = 0; t < length; t++) {
                cosines[t * half + i] = (float) Math.cos(t * frequency);
                sines[t * half + i] = (float) Math.sin(t * frequency);
            }
        }
        positions = length;
        headSize = hs;
        this.base = base;
    }

    @Override
    void range(int from, int to, int worker) {
        int length = x.shape().size(-2);
        int hs = x.shape().last();
        for (int row = from; row < to; row++) {
            rotate(hs / 2, x.array(), x.offset() + row * hs, cosines, sines, row % length * (hs / 2), inverse ? -1f : 1f,
                    accumulate, y.array(), y.offset() + row * hs);
        }
    }

    private static void rotate(
            int half, float[] in, int ii, float[] cosines, float[] sines, int ti, float sign, boolean accumulate, float[] out, int oi) {
        int i = 0;
        for (int bound = Lanes.bound(half); i < bound; i += Lanes.LENGTH) {
            FloatVector first = fromArray(F, in, ii + i);
            FloatVector second = fromArray(F, in, ii + half + i);
            FloatVector cosine = fromArray(F, cosines, ti + i);
            FloatVector sine = fromArray(F, sines, ti + i).mul(sign);
            FloatVector left = first.fma(cosine, second.mul(sine).neg());
            (accumulate ? left.add(fromArray(F, out, oi + i)) : left).intoArray(out, oi + i);
            FloatVector right = second.fma(cosine, first.mul(sine));
            (accumulate ? right.add(fromArray(F, out, oi + half + i)) : right).intoArray(out, oi + half + i);
        }
        for (; i < half; i++) {
            float first = in[ii + i];
            float second = in[ii + half + i];
            float cosine = cosines[ti + i];
            float sine = sines[ti + i] * sign;
            put(fma(first, cosine, -(second * sine)), accumulate, out, oi + i);
            put(fma(second, cosine, first * sine), accumulate, out, oi + half + i);
        }
    }
}
