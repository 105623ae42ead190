package tributary.tensor.simd;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static tributary.tensor.simd.Lanes.F;
import static tributary.tensor.simd.Lanes.put;

import jdk.incubator.vector.FloatVector;
import tributary.tensor.Tensor;

/// dx (+)= alpha dout, repeated along the middle axis of (outer, length, inner).
final class BroadcastAxis extends Ranges {
    private Tensor dout = NONE;
    private int length;
    private int inner;
    private float alpha;
    private boolean accumulate;
    private Tensor dx = NONE;

    BroadcastAxis(Workers workers) {
        super(workers);
    }

    void apply(Tensor dout, int length, int inner, float alpha, boolean accumulate, Tensor dx) {
        this.dout = dout;
        this.length = length;
        this.inner = inner;
        this.alpha = alpha;
        this.accumulate = accumulate;
        this.dx = dx;
        if (inner > 1) {
            over(dx.elements() / inner, rows(inner));
        } else {
            over(dx.elements(), CHUNK);
        }
        this.dout = NONE;
        this.dx = NONE;
    }

    @Override
    void range(int from, int to, int worker) {
        if (inner > 1) {
            for (int row = from; row < to; row++) {
                AddScaled.run(inner, alpha, dout.array(), dout.offset() + row / length * inner,
                        accumulate, dx.array(), dx.offset() + row * inner);
            }
            return;
        }
        for (int i = from; i < to;) {
            int outer = i / length;
            int n = Math.min(to - i, length - i % length);
            fill(n, alpha * dout.get(outer), accumulate, dx.array(), dx.offset() + i);
            i += n;
        }
    }

    private static void fill(int n, float value, boolean accumulate, float[] out, int oi) {
        int i = 0;
        for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
            FloatVector term = broadcast(F, value);
            (accumulate ? term.add(fromArray(F, out, oi + i)) : term).intoArray(out, oi + i);
        }
        for (; i < n; i++) {
            put(value, accumulate, out, oi + i);
        }
    }
}
