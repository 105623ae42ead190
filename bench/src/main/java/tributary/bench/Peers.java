package tributary.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.IntFunction;
import tributary.tensor.Kernels;

/// Native libraries to compare with; a build with `-Ppeers` has some.
interface Peers {

    /// Their names, and how each is made for a number of threads.
    Map<String, IntFunction<Contender>> contenders();

    /// This project's own kernels, groups of replicas of them, and every peer of this build.
    static Map<String, IntFunction<Contender>> all() {
        Map<String, IntFunction<Contender>> all = new LinkedHashMap<>();
        all.put("tributary", threads -> new Tributary(Kernels.simd(threads)));
        all.put("replicas-2", threads -> new Replicas(2, threads));
        all.put("replicas-1", threads -> new Replicas(1, threads));
        for (Peers peers : ServiceLoader.load(Peers.class)) {
            all.putAll(peers.contenders());
        }
        return all;
    }
}
