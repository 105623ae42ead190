package tributary.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;
import tributary.tensor.SimdSupport;

/// Who multiplies matrices, for itself and for libtorch: one of them in a process. libtorch from Maven Central is linked to
/// OpenBLAS and takes whatever stands in its place; PyTorch's own builds have MKL in them.
///
/// Libraries read their settings from the environment while they are loaded; what the user has set there stays.
enum BlasLibrary {
    /// Where the machine has AVX-512, OpenBLAS is asked for its AVX-512 kernels, as it does not know every processor. libtorch's
    /// OpenMP threads are told not to spin while they wait: they would take the cores away from OpenBLAS's own threads, which made
    /// steps several times slower.
    OPENBLAS {
        @Override
        String load(int threads) {
            if (SimdSupport.detect().bits() == 512) {
                setEnvironment("OPENBLAS_CORETYPE", "SkylakeX");
            }
            setEnvironment("OPENBLAS_NUM_THREADS", Integer.toString(threads));
            setEnvironment("OMP_WAIT_POLICY", "PASSIVE");
            link(threads);
            return "OpenBLAS, kernels of " + chosen();
        }
    },
    /// Its threads may spin: told not to, libtorch's step of a small model took twice as long.
    MKL {
        @Override
        String load(int threads) {
            System.setProperty("org.bytedeco.openblas.load", "mkl_rt");
            setEnvironment("MKL_NUM_THREADS", Integer.toString(threads));
            link(threads);
            return "MKL";
        }
    };

    /// @return what was loaded, for people
    abstract String load(int threads);

    private static void link(int threads) {
        setEnvironment("OMP_NUM_THREADS", Integer.toString(threads));
        Loader.load(openblas_nolapack.class);
        openblas_nolapack.blas_set_num_threads(threads);
    }

    /// The name of the kernels that OpenBLAS has chosen.
    @SuppressWarnings("restricted") // native access is what this is for
    private static String chosen() {
        MemorySegment name = SymbolLookup.libraryLookup("libopenblas.so.0", Arena.global()).find("openblas_get_corename").orElseThrow();
        try {
            MemorySegment text = (MemorySegment) Linker.nativeLinker()
                    .downcallHandle(name, FunctionDescriptor.of(ValueLayout.ADDRESS)).invokeExact();
            return text.reinterpret(Long.MAX_VALUE).getString(0);
        } catch (Throwable e) { // MethodHandle's signature; the C function has no way to fail
            throw new IllegalStateException(e);
        }
    }

    /// Does nothing where the variable is set.
    @SuppressWarnings("restricted")
    private static void setEnvironment(String name, String value) {
        Linker linker = Linker.nativeLinker();
        try (Arena arena = Arena.ofConfined()) {
            int refused = (int) linker.downcallHandle(linker.defaultLookup().find("setenv").orElseThrow(),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT))
                    .invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 0);
            if (refused != 0) {
                throw new IllegalStateException("the environment takes no " + name + "=" + value);
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) { // MethodHandle's signature
            throw new IllegalStateException(e);
        }
    }
}
