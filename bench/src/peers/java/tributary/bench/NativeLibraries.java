package tributary.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntFunction;

/// OpenBLAS, MKL and libtorch, from Maven Central.
public final class NativeLibraries implements Peers {

    /// For the service loader.
    public NativeLibraries() {}

    @Override
    public Map<String, IntFunction<Contender>> contenders() {
        Map<String, IntFunction<Contender>> contenders = new LinkedHashMap<>();
        contenders.put("openblas", threads -> new Blas(threads, BlasLibrary.OPENBLAS));
        contenders.put("mkl", threads -> new Blas(threads, BlasLibrary.MKL));
        contenders.put("torch", threads -> new Torch(threads, false, BlasLibrary.MKL));
        contenders.put("torch-bfloat16", threads -> new Torch(threads, true, BlasLibrary.MKL));
        contenders.put("torch-openblas", threads -> new Torch(threads, false, BlasLibrary.OPENBLAS));
        contenders.put("torch-openblas-bfloat16", threads -> new Torch(threads, true, BlasLibrary.OPENBLAS));
        return contenders;
    }
}
