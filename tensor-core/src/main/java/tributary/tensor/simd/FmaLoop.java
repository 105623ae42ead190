package tributary.tensor.simd;

import static tributary.tensor.simd.Lanes.fma;

import jdk.incubator.vector.FloatVector;

/// Multiply-adds on independent accumulators that never leave the registers: enough of them to hide the latency of one.
public final class FmaLoop {
    private static final int STEPS = 20_000;
    private static final int ACCUMULATORS = 12;

    /// Variables, because the compiler would make constant vectors anew at every use, which costs a multiply-add's place.
    private static volatile float factor = 1e-9f;
    private static volatile float term = 1.0000001f;
    /// Keeps the results alive.
    private static volatile float sink;

    private FmaLoop() {}

    /// Runs some tens of microseconds and returns how many operations that were.
    public static long run() {
        if (Lanes.SCALAR) {
            sink = scalars(STEPS, factor, term);
            return 2L * STEPS * ACCUMULATORS;
        }
        sink = vectors(STEPS, factor, term);
        return 2L * STEPS * ACCUMULATORS * Lanes.LENGTH;
    }

    private static float vectors(int steps, float a, float b) {
        FloatVector x = FloatVector.broadcast(Lanes.F, a);
        FloatVector y = FloatVector.broadcast(Lanes.F, b);
        FloatVector s0 = x.add(0f);
        FloatVector s1 = x.add(1f);
        FloatVector s2 = x.add(2f);
        FloatVector s3 = x.add(3f);
        FloatVector s4 = x.add(4f);
        FloatVector s5 = x.add(5f);
        FloatVector s6 = x.add(6f);
        FloatVector s7 = x.add(7f);
        FloatVector s8 = x.add(8f);
        FloatVector s9 = x.add(9f);
        FloatVector s10 = x.add(10f);
        FloatVector s11 = x.add(11f);
        for (int i = 0; i < steps; i++) {
            s0 = x.fma(y, s0);
            s1 = x.fma(y, s1);
            s2 = x.fma(y, s2);
            s3 = x.fma(y, s3);
            s4 = x.fma(y, s4);
            s5 = x.fma(y, s5);
            s6 = x.fma(y, s6);
            s7 = x.fma(y, s7);
            s8 = x.fma(y, s8);
            s9 = x.fma(y, s9);
            s10 = x.fma(y, s10);
            s11 = x.fma(y, s11);
        }
        return s0.add(s1).add(s2).add(s3).add(s4).add(s5).add(s6).add(s7).add(s8).add(s9).add(s10).add(s11).lane(0);
    }

    private static float scalars(int steps, float x, float y) {
        float s0 = 0;
        float s1 = 1;
        float s2 = 2;
        float s3 = 3;
        float s4 = 4;
        float s5 = 5;
        float s6 = 6;
        float s7 = 7;
        float s8 = 8;
        float s9 = 9;
        float s10 = 10;
        float s11 = 11;
        for (int i = 0; i < steps; i++) {
            s0 = fma(x, y, s0);
            s1 = fma(x, y, s1);
            s2 = fma(x, y, s2);
            s3 = fma(x, y, s3);
            s4 = fma(x, y, s4);
            s5 = fma(x, y, s5);
            s6 = fma(x, y, s6);
            s7 = fma(x, y, s7);
            s8 = fma(x, y, s8);
            s9 = fma(x, y, s9);
            s10 = fma(x, y, s10);
            s11 = fma(x, y, s11);
        }
        return s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11;
    }
}
