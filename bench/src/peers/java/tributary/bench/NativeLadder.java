package tributary.bench;

import org.openjdk.jmh.annotations.Fork;

/// The top rungs of the [Ladder]: native libraries. Where one has no such kernel, the rung fails and says so.
public final class NativeLadder {
    private NativeLadder() {}

    /// OpenBLAS: matrix products.
    @Fork(value = 1, jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
    public static class OpenBlasRung extends Ladder {
        @Override
        protected Contender contender(int threads) {
            return new Blas(threads, BlasLibrary.OPENBLAS);
        }
    }

    /// MKL: matrix products.
    @Fork(value = 1, jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
    public static class MklRung extends Ladder {
        @Override
        protected Contender contender(int threads) {
            return new Blas(threads, BlasLibrary.MKL);
        }
    }

    /// libtorch, float32 and eager.
    @Fork(value = 1, jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
    public static class TorchRung extends Ladder {
        @Override
        protected Contender contender(int threads) {
            return new Torch(threads, false, BlasLibrary.MKL);
        }
    }
}
