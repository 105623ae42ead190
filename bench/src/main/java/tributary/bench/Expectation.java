package tributary.bench;

import java.util.SplittableRandom;
import tributary.tensor.Kernels;

/// What a workload's result has to be, in full or at places drawn at random. Nothing is timed before it has been met.
///
/// Tolerances: a matrix product may be off by 1e-5 of the sum of its terms' magnitudes; other kernels by 2e-5 of
/// 1 + |expected|, except sums over many rows, which may be off by 2e-5 of the root of their count more.
record Expectation(int[] places, double[] values, double[] tolerances) {
    private static final int PLACES = 500;
    private static final double TOLERANCE = 2e-5;

    /// From plain loops in float64, or from the reference kernels. Training expects nothing here: contenders' losses
    /// are compared with each other.
    static Expectation of(Workload workload) {
        return switch (workload) {
            case Workload.MatrixProduct product -> of(product);
            case Workload.TrainingStep _,Workload.LocalSteps _ -> new Expectation(new int[0], new double[0], new double[0]);
            case Workload.Attention _ -> reference(workload, 1);
            case Workload.RowKernel row -> reference(workload, switch (row.kind()) {
                case LAYER_NORM_BACKWARD, EMBEDDING_BACKWARD, COLUMN_SUMS -> Math.sqrt(row.rows());
                default -> 1;
            });
        };
    }

    private static Expectation reference(Workload workload, double allowance) {
        try (Contender reference = new Tributary(Kernels.reference())) {
            Work work = reference.prepare(workload);
            work.run();
            float[] result = work.result();
            Expectation expectation = new Expectation(new int[result.length], new double[result.length], new double[result.length]);
            for (int i = 0; i < result.length; i++) {
                expectation.put(i, i, result[i], TOLERANCE * allowance * (1 + Math.abs(result[i])));
            }
            return expectation;
        }
    }

    private static Expectation of(Workload.MatrixProduct p) {
        float[] a = Workload.operand(0, p.m() * p.k());
        float[] b = Workload.operand(1, p.k() * p.n());
        Expectation expectation = new Expectation(new int[PLACES], new double[PLACES], new double[PLACES]);
        SplittableRandom random = new SplittableRandom(1);
        for (int place = 0; place < PLACES; place++) {
            int i = random.nextInt(p.m());
            int j = random.nextInt(p.n());
            double sum = 0;
            double size = 0;
            for (int l = 0; l < p.k(); l++) {
                double term = (double) a[p.transposeA() ? l * p.m() + i : i * p.k() + l]
                        * b[p.transposeB() ? j * p.k() + l : l * p.n() + j];
                sum += term;
                size += Math.abs(term);
            }
            expectation.put(place, i * p.n() + j, sum, 1e-5 * size);
        }
        return expectation;
    }

    private void put(int index, int place, double value, double tolerance) {
        places[index] = place;
        values[index] = value;
        tolerances[index] = tolerance;
    }

    /// @throws IllegalStateException that names the first place where a result is not as expected
    void check(String who, float[] result) {
        for (int i = 0; i < places.length; i++) {
            float found = result[places[i]];
            if (!(Math.abs(found - values[i]) <= tolerances[i])) {
                throw new IllegalStateException(
                        who + ": element " + places[i] + " is " + found + ", expected " + values[i] + " within " + tolerances[i]);
            }
        }
    }
}
