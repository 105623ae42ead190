package tributary.tensor;

import java.util.List;
import tributary.tensor.simd.SimdKernels;

/// What the fast CPU backend found in this JVM.
///
/// @param bits the width of a vector, 32 where plain loops compute
/// @param fma whether a multiplication and an addition are one instruction
/// @param scalar whether plain loops compute instead of vectors
/// @param remarks what is slow and what mends it, a sentence each; empty where all is well
public record SimdSupport(int bits, boolean fma, boolean scalar, List<String> remarks) {

    public SimdSupport {
        remarks = List.copyOf(remarks);
    }

    /// Asks this JVM. Never fails: what keeps the backend from working is a remark.
    public static SimdSupport detect() {
        return SimdKernels.support();
    }
}
