package tributary.cli;

import java.time.Duration;
import tributary.tensor.FmaCeiling;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// How fast matrices are multiplied here, (m, k) by (k, n), against what the multiply-add units could do.
///
/// @param gflops floating-point operations a second, in billions
/// @param ceiling of this machine with as many threads, by plain multiply-adds in registers
record GemmSpeed(int m, int n, int k, double gflops, double ceiling) {
    private static final Duration SAMPLE = Duration.ofMillis(100);
    /// Both figures are the best of many samples: the first ones run in code that is not compiled yet. They end when this many
    /// in a row brought nothing better, or after the limit.
    private static final int SAMPLES_WITHOUT_GAIN = 5;
    private static final double GAIN = 1.02;

    double share() {
        return gflops / ceiling;
    }

    /// @param limit the longest it may take
    static GemmSpeed measure(Kernels kernels, int m, int n, int k, Duration limit) {
        Tensor a = ramp(m, k);
        Tensor b = ramp(k, n);
        Tensor c = Tensor.zeros(m, n);
        double gflops = 0;
        double ceiling = 0;
        long start = System.nanoTime();
        for (int idle = 0; idle < SAMPLES_WITHOUT_GAIN && System.nanoTime() - start < limit.toNanos(); idle++) {
            double product = products(kernels, a, b, c);
            double additions = FmaCeiling.gflops(kernels.threads(), SAMPLE);
            if (product > GAIN * gflops || additions > GAIN * ceiling) {
                idle = -1;
            }
            gflops = Math.max(gflops, product);
            ceiling = Math.max(ceiling, additions);
        }
        return new GemmSpeed(m, n, k, gflops, ceiling);
    }

    private static Tensor ramp(int rows, int columns) {
        Tensor tensor = Tensor.zeros(rows, columns);
        for (int i = 0; i < rows * columns; i++) {
            tensor.set(i, (i % 17) / 17f);
        }
        return tensor;
    }

    private static double products(Kernels kernels, Tensor a, Tensor b, Tensor c) {
        long start = System.nanoTime();
        long elapsed;
        long count = 0;
        do {
            kernels.matmul(a, false, b, false, null, false, c);
            count++;
            elapsed = System.nanoTime() - start;
        } while (elapsed < SAMPLE.toNanos());
        return 2.0 * a.elements() * c.shape().last() * count / elapsed;
    }
}
