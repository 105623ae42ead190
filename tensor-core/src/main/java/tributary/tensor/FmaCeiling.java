package tributary.tensor;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLongArray;
import tributary.tensor.simd.FmaLoop;

/// The multiply-add peak of this machine: what no matrix product can exceed, so that a speed can be given as a share of
/// it. A multiply-add counts as two operations.
public final class FmaCeiling {
    /// Windows into which the time is cut; the best one counts, so that warming up and interruptions do not.
    private static final int WINDOWS = 20;
    /// Counters stand on cache lines of their own.
    private static final int SPACING = 16;

    private FmaCeiling() {}

    /// Multiplies and adds in registers at the vector width in use, on several threads at once.
    ///
    /// @param duration how long to measure; the result settles from about half a second on
    /// @return billions of float32 operations a second, of all threads together
    /// @throws IllegalArgumentException where `threads` is below 1 or `duration` is not positive
    public static double gflops(int threads, Duration duration) {
        if (threads < 1 || !duration.isPositive()) {
            throw new IllegalArgumentException(
                    "ceiling: " + threads + " threads for " + duration + ", at least one thread and a positive time are needed");
        }
        AtomicLongArray done = new AtomicLongArray(threads * SPACING);
        long end = System.nanoTime() + duration.toNanos();
        CountDownLatch running = new CountDownLatch(threads);
        for (int thread = 0; thread < threads; thread++) {
            int counter = thread * SPACING;
            Thread.ofPlatform().daemon().name("tributary-ceiling-" + thread).start(() -> {
                while (System.nanoTime() < end) {
                    done.addAndGet(counter, FmaLoop.run());
                }
                running.countDown();
            });
        }
        return bestWindow(done, end, duration.toNanos() / WINDOWS, running);
    }

    private static double bestWindow(AtomicLongArray done, long end, long window, CountDownLatch running) {
        double best = 0;
        try {
            long before = System.nanoTime();
            long operations = total(done);
            while (before < end) {
                Thread.sleep(Duration.ofNanos(window));
                long now = System.nanoTime();
                long more = total(done);
                best = Math.max(best, (double) (more - operations) / (now - before));
                before = now;
                operations = more;
            }
            running.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        return best;
    }

    private static long total(AtomicLongArray done) {
        long sum = 0;
        for (int i = 0; i < done.length(); i += SPACING) {
            sum += done.get(i);
        }
        return sum;
    }
}
