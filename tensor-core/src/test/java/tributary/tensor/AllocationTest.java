package tributary.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A kernel that has been compiled allocates nothing, neither to hand out its parts nor in its loops, where a vector that
/// is not kept in a register would become an object. The kernels take turns, as they do in a training step.
class AllocationTest {
    private static final ThreadMXBean MEMORY = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    /// Calls of each kernel in a round.
    private static final int CALLS = 3;
    /// After so many rounds, and so long, the compiler must have done its work, also on a busy machine.
    private static final int ROUNDS = 200;
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void compiledKernelsAllocateNothing(int threads) {
        Map<String, KernelCase> cases = new LinkedHashMap<>();
        for (KernelCase kernelCase : KernelCases.all()) {
            // of each kernel, function and flag the last case: among the largest
            cases.put(kernelCase.toString().replaceAll("\\[?[0-9]+(, [0-9]+)*]?", ""), kernelCase);
        }
        Map<KernelCase, Consumer<Kernels>> calls = new LinkedHashMap<>();
        cases.values().forEach(kernelCase -> calls.put(kernelCase, kernelCase.call().apply(new Operands())));
        try (Kernels kernels = Kernels.simd(threads)) {
            long[] workers = workers();
            assertThat(workers).hasSizeGreaterThanOrEqualTo(threads - 1);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            Map<KernelCase, Long> allocating;
            int rounds = 0;
            do {
                allocating = round(calls, kernels, workers);
                rounds++;
            } while (!allocating.isEmpty() && (rounds < ROUNDS || System.nanoTime() < deadline));
            assertThat(allocating).as("bytes allocated in %d calls, after %d rounds", CALLS, rounds).isEmpty();
        }
    }

    private static Map<KernelCase, Long> round(Map<KernelCase, Consumer<Kernels>> calls, Kernels kernels, long[] workers) {
        Map<KernelCase, Long> allocating = new LinkedHashMap<>();
        calls.forEach((kernelCase, call) -> {
            // To ask for another thread's bytes allocates in this one, so that is done outside of the measurement.
            long workersBefore = allocatedBytes(workers);
            long before = MEMORY.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < CALLS; i++) {
                call.accept(kernels);
            }
            long allocated = MEMORY.getCurrentThreadAllocatedBytes() - before + allocatedBytes(workers) - workersBefore;
            if (allocated != 0) {
                allocating.put(kernelCase, allocated);
            }
        });
        return allocating;
    }

    private static long allocatedBytes(long[] threads) {
        long sum = 0;
        for (long thread : threads) {
            sum += MEMORY.getThreadAllocatedBytes(thread);
        }
        return sum;
    }

    private static long[] workers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("tributary-worker"))
                .mapToLong(Thread::threadId)
                .toArray();
    }
}
