package tributary.tensor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tributary.tensor.simd.ReadLoop;

/// How fast memory is read: what no pass over data larger than the caches can exceed.
public final class MemoryBandwidth {
    /// 256 MiB: more than most last-level caches.
    private static final int ELEMENTS = 1 << 26;

    private MemoryBandwidth() {}

    /// Reads one array again and again, each thread its part of it; the best pass counts. Takes 256 MiB of heap meanwhile.
    ///
    /// @param duration how long to measure, one pass at least
    /// @return billions of bytes a second, of all threads together
    /// @throws IllegalArgumentException where `threads` is below 1 or `duration` is not positive
    public static double gigabytes(int threads, Duration duration) {
        if (threads < 1 || !duration.isPositive()) {
            throw new IllegalArgumentException(
                    "bandwidth: " + threads + " threads for " + duration + ", at least one thread and a positive time are needed");
        }
        float[] array = new float[ELEMENTS];
        Arrays.fill(array, 1f);
        List<Callable<Object>> parts = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int from = (int) ((long) ELEMENTS * i / threads);
            int to = (int) ((long) ELEMENTS * (i + 1) / threads);
            parts.add(Executors.callable(() -> ReadLoop.run(array, from, to)));
        }
        double best = 0;
        try (ExecutorService readers = Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().daemon().name("tributary-bandwidth-", 0).factory())) {
            long end = System.nanoTime() + duration.toNanos();
            long start;
            do {
                start = System.nanoTime();
                for (Future<Object> part : readers.invokeAll(parts)) {
                    part.get();
                }
                best = Math.max(best, (double) ELEMENTS * Float.BYTES / (System.nanoTime() - start));
            } while (start < end);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        return best;
    }
}
