package tributary.tensor.simd;

import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;

/// Reads an array, adding up what it finds: little enough work for memory to set the pace. Four stretches are read side by
/// side, because processors fetch ahead within a page, and one page at a time is a third less than memory can give.
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
        int stretch = Lanes.F.loopBound((to - from) / 4);
        sink = vectors(x, from, stretch) + scalars(x, from + 4 * stretch, to);
    }

    private static float vectors(float[] x, int from, int stretch) {
        FloatVector a = FloatVector.zero(Lanes.F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int i = from; i < from + stretch; i += Lanes.LENGTH) {
            a = a.add(fromArray(Lanes.F, x, i));
            b = b.add(fromArray(Lanes.F, x, i + stretch));
            c = c.add(fromArray(Lanes.F, x, i + 2 * stretch));
            d = d.add(fromArray(Lanes.F, x, i + 3 * stretch));
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
