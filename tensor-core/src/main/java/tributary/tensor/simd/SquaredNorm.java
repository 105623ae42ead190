package tributary.tensor.simd;

import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.F2D;

import java.lang.invoke.VarHandle;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import tributary.tensor.Tensor;

/// The sum of squares in float64: chunk by chunk, then over the chunks in their order. A float32 squared is exact there.
final class SquaredNorm extends Ranges {
    private static final VectorSpecies<Double> D = VectorSpecies.of(double.class, Lanes.F.vectorShape());

    /// Half a vector of 128 bits is none that processors convert from.
    private static final boolean CONVERTS = !Lanes.SCALAR && Lanes.LENGTH >= 8;
    /// As many float32 lanes as a vector has float64 lanes.
    private static final VectorSpecies<Float> HALF = VectorSpecies.of(float.class, VectorShape.forBitSize(Lanes.F.vectorBitSize() / 2));

    private Tensor x = NONE;
    private double[] partial = new double[0];
    private final double[][] lanes;

    SquaredNorm(Workers workers) {
        super(workers);
        lanes = new double[workers.threads()][Lanes.LENGTH];
    }

    double of(Tensor x) {
        this.x = x;
        int chunks = (x.elements() - 1) / CHUNK + 1;
        if (partial.length < chunks) {
            partial = new double[chunks];
        }
        over(x.elements(), CHUNK);
        double sum = 0;
        for (int chunk = 0; chunk < chunks; chunk++) {
            sum += partial[chunk];
        }
        this.x = NONE;
        return sum;
    }

    @Override
    void range(int from, int to, int worker) {
        partial[from / CHUNK] = run(to - from, x.array(), x.offset() + from, lanes[worker]);
    }

    private static double run(int n, float[] x, int xi, double[] lanes) {
        int i = 0;
        double total = 0;
        int step = 4 * HALF.length();
        if (CONVERTS && n >= step) {
            DoubleVector a = DoubleVector.zero(D);
            DoubleVector b = DoubleVector.zero(D);
            DoubleVector c = DoubleVector.zero(D);
            DoubleVector d = DoubleVector.zero(D);
            for (; i <= n - step; i += step) {
                if (Lanes.FENCED) {
                    VarHandle.loadLoadFence();
                }
                DoubleVector value = (DoubleVector) fromArray(HALF, x, xi + i).convertShape(F2D, D, 0);
                a = value.fma(value, a);
                value = (DoubleVector) fromArray(HALF, x, xi + i + HALF.length()).convertShape(F2D, D, 0);
                b = value.fma(value, b);
                value = (DoubleVector) fromArray(HALF, x, xi + i + 2 * HALF.length()).convertShape(F2D, D, 0);
                c = value.fma(value, c);
                value = (DoubleVector) fromArray(HALF, x, xi + i + 3 * HALF.length()).convertShape(F2D, D, 0);
                d = value.fma(value, d);
            }
            a.add(b).add(c.add(d)).intoArray(lanes, 0);
            for (int lane = 0; lane < D.length(); lane++) {
                total += lanes[lane];
            }
        }
        return total + numbers(n - i, x, xi + i);
    }

    private static double numbers(int n, float[] x, int xi) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = 0;
        for (; i <= n - 4; i += 4) {
            a += (double) x[xi + i] * x[xi + i];
            b += (double) x[xi + i + 1] * x[xi + i + 1];
            c += (double) x[xi + i + 2] * x[xi + i + 2];
            d += (double) x[xi + i + 3] * x[xi + i + 3];
        }
        for (; i < n; i++) {
            a += (double) x[xi + i] * x[xi + i];
        }
        return a + b + (c + d);
    }
}
