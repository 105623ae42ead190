package tributary.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.tensor.Kernels;

/// Runs in a JVM of its own with scalar kernels, so that what is counted is the tape and the operations: whether a vector
/// becomes an object for a while is the compiler's and the kernels' matter.
@Tag("scalar")
class SteadyStateTest {

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStepInSteadyStateAllocatesNothing(boolean recompute) {
        SmallTransformer model = new SmallTransformer();
        try (Kernels simd = Kernels.simd(1)) {
            Tape steady = recompute ? Tape.recomputing(simd) : new Tape(simd);
            Variable loss = model.loss(steady);
            steady.backward(loss);
            ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long bytes;
            assertThat(simd.description()).contains("scalar");
            // The interpreter allocates for what the compiler later removes: a round without an allocation is what is asked
            // for, and on a busy machine the compiler may take its time.
            long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
            do {
                long before = thread.getCurrentThreadAllocatedBytes();
                for (int step = 0; step < 50; step++) {
                    steady.replay();
                    steady.backward(loss);
                    steady.replayAndBackward(loss);
                }
                bytes = thread.getCurrentThreadAllocatedBytes() - before;
            } while (bytes != 0 && System.nanoTime() < deadline);
            assertThat(bytes).as("bytes allocated in the last 50 steps").isZero();
        }
    }
}
