package tributary.localsgd.run;

/// A run's time: all of it, and the part spent training, without evaluation and checkpoints.
final class Clock {
    private final long start = System.nanoTime();
    private final double earlierElapsed;
    private final double earlierTraining;
    private long pausedNanos;
    private long pauseStart;

    /// @param earlierElapsed seconds of earlier sessions of the run
    /// @param earlierTraining seconds of training in them
    Clock(double earlierElapsed, double earlierTraining) {
        this.earlierElapsed = earlierElapsed;
        this.earlierTraining = earlierTraining;
    }

    /// Does nothing where it is paused.
    synchronized void pause() {
        if (pauseStart == 0) {
            pauseStart = System.nanoTime();
        }
    }

    synchronized void go() {
        pausedNanos += System.nanoTime() - pauseStart;
        pauseStart = 0;
    }

    synchronized double elapsedSeconds() {
        return earlierElapsed + (System.nanoTime() - start) / 1e9;
    }

    /// Stands still while paused.
    synchronized double trainingSeconds() {
        long now = pauseStart == 0 ? System.nanoTime() : pauseStart;
        return earlierTraining + (now - start - pausedNanos) / 1e9;
    }
}
