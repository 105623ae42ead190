package tributary.cli;

import java.util.concurrent.CountDownLatch;
import tributary.localsgd.run.StopSignal;

/// Holds the end of the JVM back while a run is at work: SIGINT and SIGTERM ask the run to stop, and the JVM ends, with
/// 130 or 143, once the run has written its checkpoint and this is closed.
final class ShutdownHold implements AutoCloseable {
    private final StopSignal stop = new StopSignal();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread hook = new Thread(this::hold, "stop-on-signal");

    ShutdownHold() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    StopSignal stop() {
        return stop;
    }

    private void hold() {
        stop.request();
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is already ending, which is what the hook was for.
        }
    }
}
