package tributary.tensor.simd;

import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;
import static tributary.tensor.simd.Lanes.F;
import static tributary.tensor.simd.Lanes.put;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import tributary.tensor.Tensor;
import tributary.tensor.check.DropoutPattern;

/// Inverted dropout: the hash of [DropoutPattern] on a vector of indices at once.
final class Dropout extends Ranges {
    private static final IntVector LANE = IntVector.zero(Lanes.I).addIndex(1);

    private float scale;
    private int firstKey;
    private int secondKey;
    private int threshold;
    private boolean accumulate;
    private Tensor x = NONE;
    private Tensor y = NONE;

    Dropout(Workers workers) {
        super(workers);
    }

    void apply(Tensor x, float p, long seed, boolean accumulate, Tensor y) {
        this.scale = DropoutPattern.keptScale(p);
        this.firstKey = DropoutPattern.firstKey(seed);
        this.secondKey = DropoutPattern.secondKey(seed);
        this.threshold = DropoutPattern.threshold(p);
        this.accumulate = accumulate;
        this.x = x;
        this.y = y;
        over(x.elements(), CHUNK);
        this.x = NONE;
        this.y = NONE;
    }

    @Override
    void range(int from, int to, int worker) {
        float[] in = x.array();
        float[] out = y.array();
        int ii = x.offset();
        int oi = y.offset();
        int i = from;
        for (int bound = from + Lanes.bound(to - from); i < bound; i += Lanes.LENGTH) {
            FloatVector term = kept(i, fromArray(F, in, ii + i)).mul(scale);
            (accumulate ? term.add(fromArray(F, out, oi + i)) : term).intoArray(out, oi + i);
        }
        for (; i < to; i++) {
            boolean keeps = DropoutPattern.keeps(firstKey, secondKey, threshold, i);
            put(keeps ? in[ii + i] * scale : 0f, accumulate, out, oi + i);
        }
    }

    /// The numbers from element i on, 0 where they are dropped.
    private FloatVector kept(int i, FloatVector numbers) {
        IntVector h = LANE.add(i).lanewise(XOR, firstKey);
        h = h.lanewise(XOR, h.lanewise(LSHR, 16)).mul(DropoutPattern.FIRST_MULTIPLIER);
        h = h.lanewise(XOR, h.lanewise(LSHR, 15)).lanewise(XOR, secondKey).mul(DropoutPattern.SECOND_MULTIPLIER);
        h = h.lanewise(XOR, h.lanewise(LSHR, 16)).lanewise(LSHR, 8);
        IntVector bits = numbers.reinterpretAsInts();
        return IntVector.zero(Lanes.I).blend(bits, h.compare(GE, threshold)).reinterpretAsFloats();
    }
}
