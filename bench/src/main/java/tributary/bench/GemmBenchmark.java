package tributary.bench;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import tributary.tensor.FmaCeiling;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// Matrix products of a linear layer: y = x W, dx = dy W^T and dW = x^T dy, at the sizes of a small GPT (width 128,
/// 384 or 768 rows) and of GPT-2 124M (1024 rows). Each trial prints the multiply-add ceiling to compare with.
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx4g"})
public class GemmBenchmark {
    private static final int CHECKED = 500;

    /// Rows, inputs and outputs of the layer.
    @Param({
        "384x128x384", "384x128x128", "384x128x512", "384x512x128", "384x128x100", "768x128x384", "768x128x512",
        "1024x768x2304", "1024x768x768", "1024x768x3072", "1024x3072x768"
    })
    public String size = "";

    @Param("1")
    public int threads;

    private Kernels kernels = Kernels.reference();
    private long operations;
    private Tensor x = Tensor.zeros(1);
    private Tensor weight = x;
    private Tensor y = x;
    private Tensor dx = x;
    private Tensor dweight = x;

    @Setup(Level.Trial)
    public void prepare() {
        String[] parts = size.split("x");
        int rows = Integer.parseInt(parts[0]);
        int inputs = Integer.parseInt(parts[1]);
        int outputs = Integer.parseInt(parts[2]);
        operations = 2L * rows * inputs * outputs;
        kernels = Kernels.simd(threads);
        System.out.printf("%n# multiply-add ceiling %.0f GFLOP/s%n", FmaCeiling.gflops(threads, Duration.ofSeconds(1)));
        SplittableRandom random = new SplittableRandom(1);
        x = random(random, rows, inputs);
        weight = random(random, inputs, outputs);
        y = Tensor.zeros(rows, outputs);
        dx = Tensor.zeros(rows, inputs);
        dweight = Tensor.zeros(inputs, outputs);
        kernels.matmul(x, false, weight, false, null, false, y);
        kernels.matmul(y, false, weight, true, null, false, dx);
        kernels.matmul(x, true, y, false, null, false, dweight);
        for (int i = 0; i < CHECKED; i++) {
            check(random, "y", x, false, weight, false, y);
            check(random, "dx", y, false, weight, true, dx);
            check(random, "dweight", x, true, y, false, dweight);
        }
    }

    private static Tensor random(SplittableRandom random, int rows, int columns) {
        Tensor tensor = Tensor.zeros(rows, columns);
        for (int i = 0; i < tensor.elements(); i++) {
            tensor.set(i, (float) random.nextDouble(-1, 1));
        }
        return tensor;
    }

    /// One element, drawn at random, against a plain loop.
    private static void check(SplittableRandom random, String name, Tensor a, boolean transposeA, Tensor b, boolean transposeB, Tensor c) {
        int i = random.nextInt(c.shape().size(0));
        int j = random.nextInt(c.shape().size(1));
        int depth = a.shape().size(transposeA ? 0 : 1);
        double sum = 0;
        double size = 0;
        for (int p = 0; p < depth; p++) {
            double term = (double) a.get(transposeA ? p * a.shape().last() + i : i * a.shape().last() + p)
                    * b.get(transposeB ? j * b.shape().last() + p : p * b.shape().last() + j);
            sum += term;
            size += Math.abs(term);
        }
        float found = c.get(i * c.shape().last() + j);
        if (!(Math.abs(found - sum) <= 1e-5 * size)) {
            throw new IllegalStateException(name + " at (" + i + ", " + j + ") is " + found + ", expected " + sum);
        }
    }

    @TearDown(Level.Trial)
    public void close() {
        kernels.close();
    }

    @Benchmark
    public Tensor forward(Speed speed) {
        kernels.matmul(x, false, weight, false, null, false, y);
        speed.gflops += operations;
        return y;
    }

    @Benchmark
    public Tensor inputGradient(Speed speed) {
        kernels.matmul(y, false, weight, true, null, false, dx);
        speed.gflops += operations;
        return dx;
    }

    @Benchmark
    public Tensor weightGradient(Speed speed) {
        kernels.matmul(x, true, y, false, null, false, dweight);
        speed.gflops += operations;
        return dweight;
    }
}
