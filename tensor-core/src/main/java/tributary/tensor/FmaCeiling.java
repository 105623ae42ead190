package tributary.tensor;

import java.time.Duration;
import java.util.Arrays;
import tributary.tensor.simd.FmaLoop;

/// The multiply-add peak of this machine: what no matrix product can exceed, so that a speed can be given as a share of
/// it. A multiply-add counts as two operations.
public final class FmaCeiling {
    /// How long a piece of work is whose speed is taken; the best piece counts, so that warming up and interruptions do not.
    private static final long PIECE_NANOS = 2_000_000;

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
        long end = System.nanoTime() + duration.toNanos();
        double[] best = new double[threads];
        Thread[] running = new Thread[threads];
        for (int i = 0; i < threads; i++) {
            int thread = i;
            running[i] = Thread.ofPlatform().daemon().name("tributary-ceiling-" + i).start(() -> best[thread] = bestPiece(end));
        }
        try {
            for (Thread thread : running) {
                thread.join();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        return Arrays.stream(best).sum();
    }

    private static double bestPiece(long end) {
        double best = 0;
        long from;
        do {
            from = System.nanoTime();
            long operations = 0;
            long now;
            do {
                operations += FmaLoop.run();
                now = System.nanoTime();
            } while (now - from < PIECE_NANOS);
            best = Math.max(best, (double) operations / (now - from));
        } while (from < end);
        return best;
    }
}
