package tributary.tensor.simd;

import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;

/// Reads an array from one end to the other, adding up what it finds on independent accumulators: little enough work for
/// memory to set the pace.
public final class ReadLoop {
    /// Keeps the results alive.
    private static volatile float sink;

    private ReadLoop() {}

    /// Reads the elements in [from, to).
    public static void run(float[] x, int from, int to) {
        if (Lanes.SCALAR) {
            sink = scalars(x, from, to);
            return;
        }
        int vectorsEnd = to - (to - from) % (4 * Lanes.LENGTH);
        sink = vectors(x, from, vectorsEnd) + scalars(x, vectorsEnd, to);
    }

    private static float vectors(float[] x, int from, int to) {
        FloatVector a = FloatVector.zero(Lanes.F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int i = from; i < to; i += 4 * Lanes.LENGTH) {
            a = a.add(fromArray(Lanes.F, x, i));
            b = b.add(fromArray(Lanes.F, x, i + Lanes.LENGTH));
            c = c.add(fromArray(Lanes.F, x, i + 2 * Lanes.LENGTH));
            d = d.add(fromArray(Lanes.F, x, i + 3 * Lanes.LENGTH));
        }
        return a.add(b).add(c.add(d)).lane(0);
    }

    private static float scalars(float[] x, int from, int to) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        int i = from;
        for (; i < to - 3; i += 4) {
            a += x[i];
            b += x[i + 1];
            c += x[i + 2];
            d += x[i + 3];
        }
        for (; i < to; i++) {
            a += x[i];
        }
        return a + b + c + d;
    }
}
