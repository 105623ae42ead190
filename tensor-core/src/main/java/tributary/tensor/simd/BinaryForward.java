package tributary.tensor.simd;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static tributary.tensor.simd.Lanes.F;

import jdk.incubator.vector.FloatVector;
import tributary.tensor.Binary;
import tributary.tensor.Tensor;

/// out = f(a, b) under broadcasting: run by run along the innermost merged axis of a [BroadcastPlan].
final class BinaryForward extends Ranges {
    private final BroadcastPlan plan = new BroadcastPlan();
    private Binary f = Binary.ADD;
    private Tensor a = NONE;
    private Tensor b = NONE;
    private Tensor out = NONE;

    BinaryForward(Workers workers) {
        super(workers);
    }

    void apply(Binary f, Tensor a, Tensor b, Tensor out) {
        this.f = f;
        this.a = a;
        this.b = b;
        this.out = out;
        plan.lay(a.shape(), b.shape(), out.shape());
        int run = plan.size(0);
        if (plan.axes() == 1) {
            over(run, CHUNK);
        } else {
            over(out.elements() / run, rows(run));
        }
        this.a = NONE;
        this.b = NONE;
        this.out = NONE;
    }

    @Override
    void range(int from, int to, int worker) {
        int aStep = plan.firstSteps()[0];
        int bStep = plan.secondSteps()[0];
        if (plan.axes() == 1) {
            run(to - from, from * aStep, aStep, from * bStep, bStep, from);
            return;
        }
        for (int row = from; row < to; row++) {
            int rest = row;
            int ai = 0;
            int bi = 0;
            for (int axis = 1; axis < plan.axes(); axis++) {
                int index = rest % plan.size(axis);
                rest /= plan.size(axis);
                ai += index * plan.firstSteps()[axis];
                bi += index * plan.secondSteps()[axis];
            }
            run(plan.size(0), ai, aStep, bi, bStep, row * plan.size(0));
        }
    }

    private void run(int n, int ai, int aStep, int bi, int bStep, int oi) {
        float[] aa = a.array();
        float[] bb = b.array();
        float[] oo = out.array();
        int as = a.offset() + ai;
        int bs = b.offset() + bi;
        int os = out.offset() + oi;
        switch (f) {
            case ADD -> add(n, aa, as, aStep, bb, bs, bStep, oo, os);
            case SUBTRACT -> subtract(n, aa, as, aStep, bb, bs, bStep, oo, os);
            case MULTIPLY -> multiply(n, aa, as, aStep, bb, bs, bStep, oo, os);
            case DIVIDE -> divide(n, aa, as, aStep, bb, bs, bStep, oo, os);
        }
    }

    private static void add(int n, float[] a, int ai, int aStep, float[] b, int bi, int bStep, float[] out, int oi) {
        int i = 0;
        for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
            FloatVector first = aStep == 0 ? broadcast(F, a[ai]) : fromArray(F, a, ai + i);
            FloatVector second = bStep == 0 ? broadcast(F, b[bi]) : fromArray(F, b, bi + i);
            first.add(second).intoArray(out, oi + i);
        }
        for (; i < n; i++) {
            out[oi + i] = a[ai + i * aStep] + b[bi + i * bStep];
        }
    }

    private static void subtract(int n, float[] a, int ai, int aStep, float[] b, int bi, int bStep, float[] out, int oi) {
        int i = 0;
        for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
            FloatVector first = aStep == 0 ? broadcast(F, a[ai]) : fromArray(F, a, ai + i);
            FloatVector second = bStep == 0 ? broadcast(F, b[bi]) : fromArray(F, b, bi + i);
            first.sub(second).intoArray(out, oi + i);
        }
        for (; i < n; i++) {
            out[oi + i] = a[ai + i * aStep] - b[bi + i * bStep];
        }
    }

    private static void multiply(int n, float[] a, int ai, int aStep, float[] b, int bi, int bStep, float[] out, int oi) {
        int i = 0;
        for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
            FloatVector first = aStep == 0 ? broadcast(F, a[ai]) : fromArray(F, a, ai + i);
            FloatVector second = bStep == 0 ? broadcast(F, b[bi]) : fromArray(F, b, bi + i);
            first.mul(second).intoArray(out, oi + i);
        }
        for (; i < n; i++) {
            out[oi + i] = a[ai + i * aStep] * b[bi + i * bStep];
        }
    }

    private static void divide(int n, float[] a, int ai, int aStep, float[] b, int bi, int bStep, float[] out, int oi) {
        int i = 0;
        for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
            FloatVector first = aStep == 0 ? broadcast(F, a[ai]) : fromArray(F, a, ai + i);
            FloatVector second = bStep == 0 ? broadcast(F, b[bi]) : fromArray(F, b, bi + i);
            first.div(second).intoArray(out, oi + i);
        }
        for (; i < n; i++) {
            out[oi + i] = a[ai + i * aStep] / b[bi + i * bStep];
        }
    }
}
