package tributary.localsgd;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The threads on which replicas take turns. One that hangs in its turn is left to itself, and another takes its place.
final class Turns implements AutoCloseable {
    private final ThreadPoolExecutor threads;
    private final LongSupplier clock;

    /// @param clock nanoseconds, by which limits are measured
    Turns(int threads, LongSupplier clock) {
        this.clock = clock;
        this.threads = new ThreadPoolExecutor(
                threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("tributary-replica-", 0).factory());
    }

    <R> Turn<R> take(Replica replica, Function<Replica, R> work) {
        Turn<R> turn = new Turn<>(replica, work);
        threads.execute(turn.future);
        return turn;
    }

    private synchronized void add(int more) {
        int count = threads.getCorePoolSize() + more;
        if (more > 0) {
            threads.setMaximumPoolSize(count);
            threads.setCorePoolSize(count);
        } else {
            threads.setCorePoolSize(count);
            threads.setMaximumPoolSize(count);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    /// One replica at work.
    final class Turn<R> implements Callable<R> {
        private final Replica replica;
        private final Function<Replica, R> work;
        private final FutureTask<R> future = new FutureTask<>(this);
        private volatile @Nullable Long begun;
        private boolean ended;
        private boolean abandoned;

        private Turn(Replica replica, Function<Replica, R> work) {
            this.replica = replica;
            this.work = work;
        }

        Replica replica() {
            return replica;
        }

        @Override
        public R call() {
            begun = clock.getAsLong();
            try {
                return work.apply(replica);
            } finally {
                end();
            }
        }

        private synchronized void end() {
            ended = true;
            if (abandoned) {
                replica.kernels().close();
                add(-1);
            }
        }

        private synchronized void abandon() {
            replica.cutOff();
            if (!ended) {
                abandoned = true;
                add(1);
                future.cancel(true);
            }
        }

        /// What the work gives. Whatever it throws is thrown here.
        R await() {
            try {
                return await(Optional.empty());
            } catch (TimeoutException e) {
                throw new IllegalStateException("there is no limit", e);
            }
        }

        /// As [#await()], for a limited time from the moment when the turn began.
        ///
        /// @throws TimeoutException where it did not end in time; it is left to itself then
        R await(Optional<Duration> limit) throws TimeoutException {
            boolean interrupted = false;
            try {
                while (true) {
                    try {
                        return limit.isEmpty() ? future.get() : future.get(left(limit.get()), TimeUnit.NANOSECONDS);
                    } catch (TimeoutException e) {
                        if (left(limit.orElseThrow()) <= 0) {
                            abandon();
                            throw e;
                        }
                    } catch (InterruptedException e) {
                        interrupted = true; // the replicas stop at a step's end when asked, not in its middle
                    } catch (ExecutionException e) {
                        switch (e.getCause()) {
                            case RuntimeException exception -> throw exception;
                            case Error error -> throw error;
                            case null, default -> throw new IllegalStateException("a replica failed", e.getCause());
                        }
                    }
                }
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        private long left(Duration limit) {
            Long since = begun;
            return since == null ? limit.toNanos() : limit.toNanos() - (clock.getAsLong() - since);
        }
    }
}
