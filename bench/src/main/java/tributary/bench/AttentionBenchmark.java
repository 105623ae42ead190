package tributary.bench;

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
import tributary.tensor.AttentionLayout;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// Causal attention over the packed projection qkv (B, T, 3C). Only products of the lower triangle count as operations:
/// two forward, five backward, where scores are computed again.
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx4g"})
public class AttentionBenchmark {

    /// Batch, heads, positions, head size.
    @Param({"12x4x64x32", "16x6x256x64", "1x12x1024x64", "4x8x256x128", "1x2x4096x64"})
    public String size = "";

    @Param("1")
    public int threads;

    private Kernels kernels = Kernels.reference();
    private AttentionLayout layout = AttentionLayout.packed(1, 1, 1, 1, 1);
    private long operations;
    private Tensor qkv = Tensor.zeros(1);
    private Tensor out = qkv;
    private Tensor logSumExp = qkv;
    private Tensor dout = qkv;
    private Tensor dqkv = qkv;

    @Setup(Level.Trial)
    public void prepare() {
        String[] parts = size.split("x");
        int batch = Integer.parseInt(parts[0]);
        int heads = Integer.parseInt(parts[1]);
        int length = Integer.parseInt(parts[2]);
        int headSize = Integer.parseInt(parts[3]);
        layout = AttentionLayout.packed(batch, heads, heads, length, headSize);
        operations = (long) batch * heads * length * (length + 1) * headSize;
        kernels = Kernels.simd(threads);
        SplittableRandom random = new SplittableRandom(1);
        qkv = random(random, batch * length, 3 * heads * headSize);
        dout = random(random, batch * length, heads * headSize);
        out = Tensor.zeros(batch * length, heads * headSize);
        logSumExp = Tensor.zeros(batch, heads, length);
        dqkv = Tensor.zeros(batch * length, 3 * heads * headSize);
        kernels.attention(layout, qkv, qkv, qkv, out, logSumExp);
        kernels.attentionBackward(layout, qkv, qkv, qkv, out, logSumExp, dout, false, dqkv, dqkv, dqkv);
        check();
    }

    private static Tensor random(SplittableRandom random, int rows, int columns) {
        Tensor tensor = Tensor.zeros(rows, columns);
        for (int i = 0; i < tensor.elements(); i++) {
            tensor.set(i, (float) random.nextDouble(-1, 1));
        }
        return tensor;
    }

    private void check() {
        Tensor expected = Tensor.zeros(out.shape());
        Tensor expectedGradient = Tensor.zeros(dqkv.shape());
        try (Kernels reference = Kernels.reference()) {
            reference.attention(layout, qkv, qkv, qkv, expected, logSumExp);
            reference.attentionBackward(
                    layout, qkv, qkv, qkv, expected, logSumExp, dout, false, expectedGradient, expectedGradient, expectedGradient);
        }
        compare("out", expected, out);
        compare("dqkv", expectedGradient, dqkv);
    }

    private static void compare(String name, Tensor expected, Tensor found) {
        for (int i = 0; i < expected.elements(); i++) {
            if (!(Math.abs(found.get(i) - expected.get(i)) <= 1e-5 * (1 + Math.abs(expected.get(i))))) {
                throw new IllegalStateException(name + " at " + i + " is " + found.get(i) + ", expected " + expected.get(i));
            }
        }
    }

    @TearDown(Level.Trial)
    public void close() {
        kernels.close();
    }

    @Benchmark
    public Tensor forward(Speed speed) {
        kernels.attention(layout, qkv, qkv, qkv, out, logSumExp);
        speed.gflops += 2 * operations;
        return out;
    }

    @Benchmark
    public Tensor backward(Speed speed) {
        kernels.attentionBackward(layout, qkv, qkv, qkv, out, logSumExp, dout, false, dqkv, dqkv, dqkv);
        speed.gflops += 5 * operations;
        return dqkv;
    }
}
