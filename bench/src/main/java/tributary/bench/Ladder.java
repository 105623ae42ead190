package tributary.bench;

import java.time.Duration;
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

/// Every kernel, rung by rung: plain loops in float64, plain loops in float32, each vector width, and with `-Ppeers` the
/// native libraries. Each rung runs in a JVM of its own, since a JVM computes at one width, and checks its result before
/// it is timed. A rung this machine does not have fails with the reason and the others go on.
///
/// Figures are only compared within one run; [Yardstick] takes turns between contenders and gives ratios.
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public abstract class Ladder {
    private static final String MODULE = "--add-modules=jdk.incubator.vector";
    private static final String HEAP = "-XX:MaxRAMPercentage=60";

    @Param({
        "gemm-nn-384x512x128", "gemm-nt-384x512x128", "gemm-tn-384x512x128",
        "gemm-nn-1024x768x768", "gemm-nt-1024x768x768", "gemm-tn-1024x768x768",
        "attention-16x6x256x64", "attention-backward-16x6x256x64", "attention-1x4x1024x64", "attention-backward-1x4x1024x64",
        "layer-norm-1024x768", "layer-norm-backward-1024x768", "gelu-1024x3072", "gelu-backward-1024x3072", "softmax-1024x1024",
        "cross-entropy-256x50257", "cross-entropy-backward-256x50257", "adam-w-4096x768", "embedding-4096x768",
        "embedding-backward-4096x768", "squared-norm-4096x768", "column-sums-1024x3072"
    })
    public String workload = "";

    @Param("1")
    public int threads;

    private Contender contender;
    private Work work;
    private long operations;
    private long bytes;

    protected abstract Contender contender(int threads);

    @Setup(Level.Trial)
    public void prepare() {
        contender = contender(threads);
        Workload parsed = Workload.parse(workload);
        work = contender.prepare(parsed);
        operations = parsed.operations();
        bytes = parsed.bytes();
        work.run();
        Expectation.of(parsed).check(contender.description(), work.result());
        System.out.printf("%n# %s; multiply-add ceiling of this JVM %.0f GFLOP/s%n",
                contender.description(), FmaCeiling.gflops(threads, Duration.ofSeconds(1)));
    }

    @TearDown(Level.Trial)
    public void close() {
        contender.close();
    }

    @Benchmark
    public void run(Speed speed) {
        work.run();
        speed.gflops += operations;
        speed.gigabytes += bytes;
    }

    /// A rung of this project's fast kernels.
    public abstract static class Simd extends Ladder {
        @Override
        protected Contender contender(int threads) {
            return new Tributary(Kernels.simd(threads));
        }
    }

    /// Plain loops in float64 on one thread: the definition.
    @Fork(value = 1, jvmArgsAppend = {MODULE, HEAP})
    public static class Reference extends Ladder {
        @Override
        protected Contender contender(int threads) {
            return new Tributary(Kernels.reference());
        }
    }

    /// Plain loops in float32.
    @Fork(value = 1, jvmArgsAppend = {MODULE, HEAP, "-Dtributary.simd=scalar"})
    public static class Scalar extends Simd {}

    /// SSE or NEON registers.
    @Fork(value = 1, jvmArgsAppend = {MODULE, HEAP, "-Dtributary.simd=128"})
    public static class Bits128 extends Simd {}

    /// 256-bit vectors with all registers the machine has.
    @Fork(value = 1, jvmArgsAppend = {MODULE, HEAP, "-Dtributary.simd=256"})
    public static class Bits256 extends Simd {}

    /// What a machine with AVX2 and no more does: 256-bit vectors in 16 registers.
    @Fork(value = 1, jvmArgsAppend = {MODULE, HEAP, "-XX:UseAVX=2"})
    public static class Avx2 extends Simd {}

    /// AVX-512.
    @Fork(value = 1, jvmArgsAppend = {MODULE, HEAP, "-Dtributary.simd=512"})
    public static class Bits512 extends Simd {}
}
