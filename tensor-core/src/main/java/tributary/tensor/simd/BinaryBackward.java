package tributary.tensor.simd;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static tributary.tensor.simd.Lanes.F;
import static tributary.tensor.simd.Lanes.put;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import tributary.tensor.Binary;
import tributary.tensor.Tensor;

/// The gradient for one operand of a broadcast operation: dtarget (+)= sum over the axes it was repeated on of dy df.
///
/// The merged axes of a [BroadcastPlan] are kept (the operand moves along them) or summed (it is repeated). A unit of
/// work owns elements of the target and goes through all sums for them in a fixed order. Where the innermost axis is
/// kept, a unit is a block of neighbouring elements, to which one run after the other is added; where it is summed, a
/// unit is one element, and runs are added up in float64.
final class BinaryBackward extends Ranges {
    /// The longest run added up in float32 lanes.
    private static final int RUN = 4096;
    /// Neighbouring elements of a unit, where there is something to sum.
    private static final int BLOCK = 256;

    /// A factor of dy.
    private enum Derivative {
        ONE, MINUS_ONE, FIRST, SECOND, RECIPROCAL, QUOTIENT
    }

    private final BroadcastPlan plan = new BroadcastPlan();
    private final float[][] terms;
    private int[] keptAxes = new int[8];
    private int[] summedAxes = new int[8];
    private int kept;
    private int summed;
    private int sums;
    private int block;
    private int blocks;
    private Derivative derivative = Derivative.ONE;
    private boolean first;
    private Tensor a = NONE;
    private Tensor b = NONE;
    private Tensor dy = NONE;
    private boolean accumulate;
    private Tensor target = NONE;

    BinaryBackward(Workers workers) {
        super(workers);
        terms = new float[workers.threads()][RUN];
    }

    /// @param first whether `target` is the gradient of a, else of b
    void apply(Binary f, boolean first, Tensor a, Tensor b, Tensor dy, boolean accumulate, Tensor target) {
        this.derivative = switch (f) {
            case ADD -> Derivative.ONE;
            case SUBTRACT -> first ? Derivative.ONE : Derivative.MINUS_ONE;
            case MULTIPLY -> first ? Derivative.SECOND : Derivative.FIRST;
            case DIVIDE -> first ? Derivative.RECIPROCAL : Derivative.QUOTIENT;
        };
        this.first = first;
        this.a = a;
        this.b = b;
        this.dy = dy;
        this.accumulate = accumulate;
        this.target = target;
        plan.lay(a.shape(), b.shape(), dy.shape());
        sortAxes();
        int units = target.elements();
        if (targetSteps()[0] != 0) {
            block = Math.min(plan.size(0), sums == 1 ? CHUNK : BLOCK);
            blocks = (plan.size(0) - 1) / block + 1;
            units = units / plan.size(0) * blocks;
        } else {
            block = 1;
        }
        over(units, Math.max(1, CHUNK / Math.max(1, dy.elements() / units)));
        this.a = NONE;
        this.b = NONE;
        this.dy = NONE;
        this.target = NONE;
    }

    private void sortAxes() {
        if (plan.axes() > keptAxes.length) {
            keptAxes = Arrays.copyOf(keptAxes, plan.axes());
            summedAxes = Arrays.copyOf(summedAxes, plan.axes());
        }
        kept = 0;
        summed = 0;
        sums = 1; // runs for each unit
        for (int axis = 0; axis < plan.axes(); axis++) {
            if (targetSteps()[axis] != 0) {
                keptAxes[kept++] = axis;
            } else {
                summedAxes[summed++] = axis;
                sums *= axis == 0 ? 1 : plan.size(axis);
            }
        }
    }

    private int[] targetSteps() {
        return first ? plan.firstSteps() : plan.secondSteps();
    }

    @Override
    void range(int from, int to, int worker) {
        boolean innermostKept = targetSteps()[0] != 0;
        for (int unit = from; unit < to; unit++) {
            if (innermostKept) {
                addRuns(unit);
            } else {
                sumRuns(unit, terms[worker], lanes(worker));
            }
        }
    }

    private void addRuns(int unit) {
        int column = unit % blocks * block;
        int n = Math.min(block, plan.size(0) - column);
        int row = unit / blocks;
        int at = target.offset() + column + plan.offset(row, keptAxes, 1, kept, targetSteps());
        int ai = column * plan.firstSteps()[0] + plan.offset(row, keptAxes, 1, kept, plan.firstSteps());
        int bi = column * plan.secondSteps()[0] + plan.offset(row, keptAxes, 1, kept, plan.secondSteps());
        int gi = column + plan.offset(row, keptAxes, 1, kept, plan.commonSteps());
        for (int sum = 0; sum < sums; sum++) {
            terms(n,
                    ai + plan.offset(sum, summedAxes, 0, summed, plan.firstSteps()),
                    bi + plan.offset(sum, summedAxes, 0, summed, plan.secondSteps()),
                    gi + plan.offset(sum, summedAxes, 0, summed, plan.commonSteps()),
                    accumulate || sum > 0, target.array(), at);
        }
    }

    private void sumRuns(int unit, float[] buffer, float[] lanes) {
        int ai = plan.offset(unit, keptAxes, 0, kept, plan.firstSteps());
        int bi = plan.offset(unit, keptAxes, 0, kept, plan.secondSteps());
        int gi = plan.offset(unit, keptAxes, 0, kept, plan.commonSteps());
        double total = 0;
        for (int sum = 0; sum < sums; sum++) {
            // the first summed axis is the innermost, the run itself
            int as = ai + plan.offset(sum, summedAxes, 1, summed, plan.firstSteps());
            int bs = bi + plan.offset(sum, summedAxes, 1, summed, plan.secondSteps());
            int gs = gi + plan.offset(sum, summedAxes, 1, summed, plan.commonSteps());
            for (int start = 0; start < plan.size(0); start += RUN) {
                int n = Math.min(RUN, plan.size(0) - start);
                terms(n, as + start * plan.firstSteps()[0], bs + start * plan.secondSteps()[0], gs + start, false, buffer, 0);
                total += Rows.sum(n, buffer, 0, lanes);
            }
        }
        int at = target.offset() + plan.offset(unit, keptAxes, 0, kept, targetSteps());
        put((float) total, accumulate, target.array(), at);
    }

    /// out (+)= dy df for a run.
    private void terms(int n, int ai, int bi, int gi, boolean add, float[] out, int oi) {
        float[] g = dy.array();
        int gs = dy.offset() + gi;
        int as = a.offset() + ai;
        int bs = b.offset() + bi;
        int aStep = plan.firstSteps()[0];
        int bStep = plan.secondSteps()[0];
        switch (derivative) {
            case ONE -> scaled(n, g, gs, 1f, add, out, oi);
            case MINUS_ONE -> scaled(n, g, gs, -1f, add, out, oi);
            case FIRST -> times(n, g, gs, a.array(), as, aStep, add, out, oi);
            case SECOND -> times(n, g, gs, b.array(), bs, bStep, add, out, oi);
            case RECIPROCAL -> divided(n, g, gs, b.array(), bs, bStep, add, out, oi);
            case QUOTIENT -> quotient(n, g, gs, a.array(), as, aStep, b.array(), bs, bStep, add, out, oi);
        }
    }

    private static void scaled(int n, float[] g, int gi, float factor, boolean add, float[] out, int oi) {
        int i = 0;
        for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
            FloatVector term = fromArray(F, g, gi + i).mul(factor);
            (add ? term.add(fromArray(F, out, oi + i)) : term).intoArray(out, oi + i);
        }
        for (; i < n; i++) {
            put(g[gi + i] * factor, add, out, oi + i);
        }
    }

    private static void times(int n, float[] g, int gi, float[] x, int xi, int step, boolean add, float[] out, int oi) {
        int i = 0;
        for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
            FloatVector term = fromArray(F, g, gi + i).mul(step == 0 ? broadcast(F, x[xi]) : fromArray(F, x, xi + i));
            (add ? term.add(fromArray(F, out, oi + i)) : term).intoArray(out, oi + i);
        }
        for (; i < n; i++) {
            put(g[gi + i] * x[xi + i * step], add, out, oi + i);
        }
    }

    private static void divided(int n, float[] g, int gi, float[] x, int xi, int step, boolean add, float[] out, int oi) {
        int i = 0;
        for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
            FloatVector term = fromArray(F, g, gi + i).div(step == 0 ? broadcast(F, x[xi]) : fromArray(F, x, xi + i));
            (add ? term.add(fromArray(F, out, oi + i)) : term).intoArray(out, oi + i);
        }
        for (; i < n; i++) {
            put(g[gi + i] / x[xi + i * step], add, out, oi + i);
        }
    }

    /// d(a / b)/db = -a / b^2.
    private static void quotient(
            int n, float[] g, int gi, float[] a, int ai, int aStep, float[] b, int bi, int bStep, boolean add, float[] out, int oi) {
        int i = 0;
        for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
            FloatVector numerator = aStep == 0 ? broadcast(F, a[ai]) : fromArray(F, a, ai + i);
            FloatVector denominator = bStep == 0 ? broadcast(F, b[bi]) : fromArray(F, b, bi + i);
            FloatVector term = fromArray(F, g, gi + i).mul(numerator.neg()).div(denominator.mul(denominator));
            (add ? term.add(fromArray(F, out, oi + i)) : term).intoArray(out, oi + i);
        }
        for (; i < n; i++) {
            float denominator = b[bi + i * bStep];
            put(g[gi + i] * -a[ai + i * aStep] / (denominator * denominator), add, out, oi + i);
        }
    }
}
