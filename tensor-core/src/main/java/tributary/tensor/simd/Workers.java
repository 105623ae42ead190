package tributary.tensor.simd;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A fixed crew of threads that work through the parts of one task at a time; the caller works too, as worker 0.
///
/// A part's result must not depend on which worker computes it, and the number of parts must not depend on the number
/// of threads: then the same inputs give the same bits on any crew. Every worker has its own run of neighbouring parts,
/// the same in every task with as many parts: what it wrote in one task is still in its cache when it reads it in the
/// next. One that is done early helps the others. Workers wait by spinning briefly, then parking; one that still spins
/// costs no system call to start.
final class Workers implements AutoCloseable {

    /// One piece of work. `worker`, in [0, threads), chooses scratch memory and nothing else.
    interface Task {
        void run(int part, int worker);
    }

    private static final int SPINS = 4_000;
    private static final int AWAKE = 0;
    private static final int PARKED = 1;
    /// Numbers between two workers' counters, so that they share no line of the cache.
    private static final int APART = 32;

    private final Thread[] threads;
    private final AtomicIntegerArray states;
    private final AtomicIntegerArray nextParts;
    private final AtomicInteger busy = new AtomicInteger();
    private volatile int epoch;
    private volatile boolean closed;
    private volatile @Nullable Throwable failure;
    private @Nullable Task task;
    private int parts;

    Workers(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: " + threads + ", at least 1 is needed");
        }
        this.threads = new Thread[threads - 1];
        states = new AtomicIntegerArray(threads);
        nextParts = new AtomicIntegerArray((threads + 1) * APART);
        for (int i = 0; i < this.threads.length; i++) {
            int worker = i + 1;
            this.threads[i] = Thread.ofPlatform().daemon().name("tributary-worker-" + worker).start(() -> serve(worker));
        }
    }

    /// How many threads work, the caller's among them.
    int threads() {
        return threads.length + 1;
    }

    /// Runs every part in [0, parts) exactly once and returns when all are done. What a part throws is thrown here.
    ///
    /// @throws IllegalStateException after [#close]
    void run(int parts, Task task) {
        if (threads.length == 0 || parts == 1) {
            for (int part = 0; part < parts; part++) {
                task.run(part, 0);
            }
            return;
        }
        if (closed) {
            throw new IllegalStateException("kernels: closed, their worker threads have ended; make new ones");
        }
        this.task = task;
        this.parts = parts;
        for (int worker = 0; worker < threads(); worker++) {
            nextParts.set(counter(worker), first(worker, parts));
        }
        busy.set(threads.length);
        epoch++; // publishes the task
        for (int i = 0; i < threads.length; i++) {
            if (states.get(i + 1) == PARKED) {
                LockSupport.unpark(threads[i]);
            }
        }
        work(task, parts, 0);
        for (int spins = 0; busy.get() != 0; spins++) {
            if (spins < SPINS) {
                Thread.onSpinWait();
            } else {
                Thread.yield(); // more threads than cores: the one waited for may need this core
            }
        }
        this.task = null;
        Throwable thrown = failure;
        if (thrown != null) {
            failure = null;
            throw thrown instanceof RuntimeException exception ? exception : new IllegalStateException("a kernel failed", thrown);
        }
    }

    /// Where the run of a worker begins, and that of the worker before it ends.
    private int first(int worker, int parts) {
        return (int) ((long) parts * worker / threads());
    }

    private static int counter(int worker) {
        return (worker + 1) * APART;
    }

    private void work(Task task, int parts, int worker) {
        try {
            for (int other = 0; other < threads(); other++) {
                int owner = (worker + other) % threads();
                int end = first(owner + 1, parts);
                for (int part = nextParts.getAndIncrement(counter(owner)); part < end; part = nextParts.getAndIncrement(counter(owner))) {
                    task.run(part, worker);
                }
            }
        } catch (Throwable thrown) {
            failure = thrown;
            for (int owner = 0; owner < threads(); owner++) {
                nextParts.set(counter(owner), parts);
            }
        }
    }

    private void serve(int worker) {
        int seen = 0;
        while (true) {
            int spins = 0;
            while (epoch == seen && !closed) {
                if (spins < SPINS) {
                    spins++;
                    Thread.onSpinWait();
                } else {
                    states.set(worker, PARKED);
                    // Published before looking again: either this sees the new epoch or the caller sees it parked.
                    if (epoch == seen && !closed) {
                        LockSupport.park(this);
                    }
                    states.set(worker, AWAKE);
                }
            }
            if (closed) {
                return;
            }
            seen = epoch;
            Task current = task;
            if (current != null) {
                work(current, parts, worker);
            }
            busy.decrementAndGet();
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Thread thread : threads) {
            LockSupport.unpark(thread);
        }
    }
}
