package tributary.localsgd;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.IntFunction;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// A replica group in one process. M replicas share P threads as max(1, P/M) each; where M exceeds P they take turns. How
/// many threads there are changes the time a round takes and nothing else.
public final class ThreadPoolGroup implements ReplicaGroup {
    private final List<Replica> replicas = new ArrayList<>();
    private final List<Kernels> replicaKernels = new ArrayList<>();
    private final ExecutorService executor;
    private final Kernels kernels;
    private long communicatedBytes;

    /// Makes the replicas of a group.
    @FunctionalInterface
    public interface ReplicaFactory {
        /// @param index m, 0 for the first
        /// @param kernels with the replica's own threads
        Replica replica(int index, Kernels kernels);
    }

    /// @param size M
    /// @param threads P
    /// @param backend makes kernels with the given number of threads
    public ThreadPoolGroup(int size, int threads, IntFunction<Kernels> backend, ReplicaFactory factory) {
        if (size < 1 || threads < 1) {
            throw new IllegalArgumentException("replica group: " + size + " replicas on " + threads + " threads; each needs at least 1");
        }
        this.kernels = backend.apply(threads);
        for (int m = 0; m < size; m++) {
            Kernels own = size == 1 ? kernels : backend.apply(Math.max(1, threads / size));
            replicaKernels.add(own);
            replicas.add(factory.replica(m, own));
        }
        this.executor = Executors.newFixedThreadPool(
                Math.min(size, threads), Thread.ofPlatform().daemon().name("tributary-replica-", 0).factory());
    }

    @Override
    public int size() {
        return replicas.size();
    }

    /// Replica m.
    public Replica replica(int m) {
        return replicas.get(m);
    }

    @Override
    public <R> List<R> each(Function<Replica, R> work) {
        List<Future<R>> futures = new ArrayList<>();
        for (Replica replica : replicas) {
            futures.add(executor.submit(() -> work.apply(replica)));
        }
        List<R> results = new ArrayList<>();
        RuntimeException failure = null;
        for (Future<R> future : futures) {
            try {
                results.add(await(future));
            } catch (RuntimeException e) {
                failure = failure == null ? e : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
        return results;
    }

    private static <R> R await(Future<R> future) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
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

    @Override
    public Tensor mean(List<Message> messages, Tensor into) {
        int M = messages.size();
        Tensor first = messages.getFirst().vector();
        if (into != first) {
            into.set(first);
        }
        for (int m = 1; m < M; m++) {
            kernels.addScaled(1f, messages.get(m).vector(), into);
        }
        if (M == 1) {
            return into;
        }
        kernels.scale(1f / M, into);
        long all = messages.stream().mapToLong(Message::bytes).sum();
        for (Message own : messages) {
            count(own.bytes() + Math.min(all - own.bytes(), Message.of(into).bytes()));
        }
        return into;
    }

    @Override
    public Tensor receive(Message message) {
        count(message.bytes() + Message.of(message.vector()).bytes());
        return message.vector();
    }

    @Override
    public void gossip(Message one, Message other) {
        count(2 * (one.bytes() + other.bytes()));
    }

    @Override
    public void broadcast(Message message, int receivers) {
        count(2 * message.bytes() * receivers);
    }

    private void count(long bytes) {
        if (size() > 1) {
            communicatedBytes += bytes;
        }
    }

    @Override
    public long communicatedBytes() {
        return communicatedBytes;
    }

    /// Continues the count of an earlier session.
    public void resumeCommunicatedBytes(long bytes) {
        communicatedBytes = bytes;
    }

    @Override
    public Kernels kernels() {
        return kernels;
    }

    @Override
    public void close() {
        executor.shutdownNow();
        replicaKernels.forEach(Kernels::close);
        kernels.close();
    }
}
