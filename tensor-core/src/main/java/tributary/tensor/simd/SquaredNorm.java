package tributary.tensor.simd;

import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.F2D;
import static tributary.tensor.simd.Lanes.F;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tributary.tensor.Tensor;

/// The sum of squares in float64: chunk by chunk, then over the chunks in their order. A float32 squared is exact there.
final class SquaredNorm extends Ranges {
    private static final VectorSpecies<Double> D = VectorSpecies.of(double.class, Lanes.F.vectorShape());

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
        int bound = Lanes.bound(n);
        if (bound > 0) {
            DoubleVector a = DoubleVector.zero(D);
            DoubleVector b = DoubleVector.zero(D);
            for (; i < bound; i += Lanes.LENGTH) {
                FloatVector value = fromArray(F, x, xi + i);
                DoubleVector low = (DoubleVector) value.convertShape(F2D, D, 0);
                DoubleVector high = (DoubleVector) value.convertShape(F2D, D, 1);
                a = a.add(low.mul(low));
                b = b.add(high.mul(high));
            }
            a.add(b).intoArray(lanes, 0);
            for (int lane = 0; lane < D.length(); lane++) {
                total += lanes[lane];
            }
        }
        for (; i < n; i++) {
            total += (double) x[xi + i] * x[xi + i];
        }
        return total;
    }
}
