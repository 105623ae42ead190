package tributary.tensor;

import java.time.Duration;
import java.util.ArrayList;
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

    /// Reads an array of its own, of 256 MiB.
    ///
    /// @param duration how long to measure, one pass at least
    /// @return billions of bytes a second, of all threads together
    /// @throws IllegalArgumentException where `threads` is below 1 or `duration` is not positive
    public static double gigabytes(int threads, Duration duration) {
        check(threads, duration);
        Tensor data = Tensor.zeros(ELEMENTS);
        data.fill(1f);
        return gigabytes(data, threads, duration);
    }

    /// Reads the given numbers again and again, each thread its part of them; the best pass counts.
    ///
    /// @param duration how long to measure, one pass at least
    /// @return billions of bytes a second, of all threads together
    /// @throws IllegalArgumentException where `threads` is below 1 or `duration` is not positive
    public static double gigabytes(Tensor data, int threads, Duration duration) {
        check(threads, duration);
        float[] array = data.array();
        int elements = data.elements();
        List<Callable<Object>> parts = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int from = data.offset() + (int) ((long) elements * i / threads);
            int to = data.offset() + (int) ((long) elements * (i + 1) / threads);
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
                best = Math.max(best, (double) elements * Float.BYTES / (System.nanoTime() - start));
            } while (start < end);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        return best;
    }

    private static void check(int threads, Duration duration) {
        if (threads < 1 || !duration.isPositive()) {
            throw new IllegalArgumentException(
                    "bandwidth: " + threads + " threads for " + duration + ", at least one thread and a positive time are needed");
        }
    }
}
