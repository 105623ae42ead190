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
    /// Calls of each kernel in a round.
    private static final int CALLS = 20;
    /// Until then the compiler must have done its work, also on a busy machine.
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void compiledKernelsAllocateNothing(int threads) {
        Map<String, KernelCase> cases = new LinkedHashMap<>();
        for (KernelCase kernelCase : KernelCases.all()) {
            // of each kernel, function and flag the last case: among the largest
            cases.put(kernelCase.toString().replaceAll("\\[?[0-9]+(, [0-9]+)*]?", ""), kernelCase);
        }
        try (Kernels kernels = Kernels.simd(threads)) {
            Map<KernelCase, Consumer<Kernels>> calls = new LinkedHashMap<>();
            cases.values().forEach(kernelCase -> calls.put(kernelCase, kernelCase.call().apply(new Operands())));
            Map<KernelCase, Long> allocating;
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            do {
                allocating = round(calls, kernels);
            } while (!allocating.isEmpty() && System.nanoTime() < deadline);
            assertThat(allocating).as("bytes allocated in %d calls", CALLS).isEmpty();
        }
    }

    private static Map<KernelCase, Long> round(Map<KernelCase, Consumer<Kernels>> calls, Kernels kernels) {
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Map<KernelCase, Long> allocating = new LinkedHashMap<>();
        calls.forEach((kernelCase, call) -> {
            long before = memory.getTotalThreadAllocatedBytes();
            for (int i = 0; i < CALLS; i++) {
                call.accept(kernels);
            }
            long allocated = memory.getTotalThreadAllocatedBytes() - before;
            if (allocated != 0) {
                allocating.put(kernelCase, allocated);
            }
        });
        return allocating;
    }
}
