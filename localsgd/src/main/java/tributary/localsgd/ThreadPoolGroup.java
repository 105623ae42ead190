package tributary.localsgd;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;
import tributary.model.NonFiniteException;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// A replica group in one process. M replicas share P threads as max(1, P/M) each; where M exceeds P they take turns. How
/// many threads there are changes the time a round takes and nothing else.
///
/// Where a [Tolerance] allows for it, a replica that throws, hangs or computes what is not a number is dropped from the round,
/// and a new one begins at the global parameters when the round is over ([#guarding]). A thread of Java cannot be killed: a
/// replica that hangs is cut off instead. Its thread is interrupted and left alone with the replica's own buffers, nobody waits
/// for it or hears of its steps, and another thread takes its turn in the pool; if it ever comes to the end of a step, it ends
/// there.
public final class ThreadPoolGroup implements ReplicaGroup {
    private final int threads;
    private final IntFunction<Kernels> backend;
    private final ReplicaFactory factory;
    private final Tolerance tolerance;
    private final List<Replica> replicas = new ArrayList<>();
    private final List<Kernels> replicaKernels = new ArrayList<>();
    private final Turns turns;
    private Kernels kernels;
    private Optional<RoundGuard> guard = Optional.empty();
    private long communicatedBytes;

    /// Makes the replicas of a group.
    @FunctionalInterface
    public interface ReplicaFactory {
        /// @param index m, 0 for the first
        /// @param kernels with the replica's own threads
        Replica replica(int index, Kernels kernels);
    }

    /// A group in which no replica may fail.
    ///
    /// @param size M
    /// @param threads P
    /// @param backend makes kernels with the given number of threads
    public ThreadPoolGroup(int size, int threads, IntFunction<Kernels> backend, ReplicaFactory factory) {
        this(size, threads, backend, factory, Tolerance.none(size));
    }

    /// @param size M
    /// @param threads P
    /// @param backend makes kernels with the given number of threads
    /// @param factory makes a replica; another one with the same index where one was dropped
    public ThreadPoolGroup(int size, int threads, IntFunction<Kernels> backend, ReplicaFactory factory, Tolerance tolerance) {
        this(size, threads, backend, factory, tolerance, System::nanoTime);
    }

    /// @param clock nanoseconds, by which the tolerance's limit is measured
    ThreadPoolGroup(int size, int threads, IntFunction<Kernels> backend, ReplicaFactory factory, Tolerance tolerance, LongSupplier clock) {
        if (size < 1 || threads < 1) {
            throw new IllegalArgumentException("replica group: " + size + " replicas on " + threads + " threads; each needs at least 1");
        }
        if (tolerance.quorum() > size) {
            throw new IllegalArgumentException("replica group: quorum " + tolerance.quorum() + " of " + size + " replicas");
        }
        this.threads = threads;
        this.backend = backend;
        this.factory = factory;
        this.tolerance = tolerance;
        this.kernels = backend.apply(threads);
        for (int m = 0; m < size; m++) {
            Kernels own = size == 1 ? kernels : backend.apply(Math.max(1, threads / size));
            replicaKernels.add(own);
            replicas.add(factory.replica(m, own));
        }
        this.turns = new Turns(Math.min(size, threads), clock);
    }

    @Override
    public int size() {
        return replicas.size();
    }

    /// Replica m; another object when it was dropped from a round that is over.
    public Replica replica(int m) {
        return replicas.get(m);
    }

    /// Every buffer that, besides the global parameters, is state of an algorithm or of a replica: by name, the buffers themselves.
    ///
    /// @param inside whether replica m stands inside a round, so that its own parameters belong to its state
    public Map<String, Tensor> state(Algorithm algorithm, IntPredicate inside) {
        Map<String, Tensor> state = new LinkedHashMap<>();
        algorithm.state().forEach((name, buffer) -> state.put("algorithm." + name, buffer));
        for (int m = 0; m < size(); m++) {
            String prefix = "replica." + m + ".";
            replica(m).state().forEach((name, buffer) -> state.put(prefix + name, buffer));
            if (algorithm.keepsParameters() || inside.test(m)) {
                state.put(prefix + "parameters", replica(m).parameters());
            }
        }
        return state;
    }

    /// Lets the rounds of a training end whole or not at all, as the group's tolerance says. Where no replica may fail and none
    /// has a limit, there is nothing to do, and an exception ends the training in the middle of a round.
    ///
    /// @param theta the global parameters
    /// @param observer hears of the rounds too
    /// @return to be given to the [Rounds]
    public Rounds.Observer guarding(Algorithm algorithm, Tensor theta, Rounds.Observer observer) {
        if (!guards()) {
            return observer;
        }
        RoundGuard guarding = new RoundGuard(this, algorithm, theta, tolerance.quorum(), observer);
        guard = Optional.of(guarding);
        return guarding;
    }

    /// Whether a replica may fail, or hang.
    public boolean guards() {
        return !tolerance.equals(Tolerance.none(size()));
    }

    /// Whether the round that was underway last was rolled back.
    public boolean rolledBack() {
        return guard.isPresent() && guard.get().rolledBack();
    }

    @Override
    public <R> List<R> each(Function<Replica, R> work) {
        Round round = guard.map(RoundGuard::open).orElse(null);
        List<Turns.Turn<R>> underway = new ArrayList<>();
        for (Replica replica : replicas) {
            if (round == null || guard.orElseThrow().takesPart(replica)) {
                underway.add(turns.take(replica, round == null ? work : m -> finite(m, work.apply(m))));
            }
        }
        return round == null ? all(underway) : present(underway, round, guard.orElseThrow());
    }

    private static <R> List<R> all(List<Turns.Turn<R>> underway) {
        List<R> results = new ArrayList<>();
        RuntimeException failure = null;
        for (Turns.Turn<R> turn : underway) {
            try {
                results.add(turn.await());
            } catch (RuntimeException e) {
                failure = failure == null ? e : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
        return results;
    }

    private <R> List<R> present(List<Turns.Turn<R>> underway, Round round, RoundGuard guard) {
        List<R> results = new ArrayList<>();
        StoppedException stopped = null;
        int left = underway.size();
        for (Turns.Turn<R> turn : underway) {
            try {
                results.add(turn.await(tolerance.limit()));
            } catch (StoppedException e) {
                stopped = e;
            } catch (TimeoutException e) {
                renewKernels(turn.replica().index());
                guard.dropped(Fault.hung(turn.replica(), round, tolerance.limit().orElseThrow()), --left);
            } catch (RuntimeException e) {
                guard.dropped(Fault.of(turn.replica(), round, e), --left);
            }
        }
        guard.check(round, stopped != null);
        if (stopped != null) {
            throw stopped;
        }
        return results;
    }

    /// Where replicas may fail, what is not a number goes no further than its replica.
    private static <R> R finite(Replica m, R result) {
        boolean sends = result instanceof Message;
        Tensor vector = result instanceof Message message ? message.vector() : m.parameters();
        if (!Double.isFinite(m.kernels().squaredNorm(vector))) {
            throw new NonFiniteException(
                    "step " + m.step() + ", replica " + m.index() + ": its " + (sends ? "message is" : "parameters are")
                            + " not finite");
        }
        return result;
    }

    /// The old ones stay with the thread that hangs.
    private void renewKernels(int m) {
        Kernels own = backend.apply(Math.max(1, threads / size()));
        replicaKernels.set(m, own);
        if (size() == 1) {
            kernels = own;
        }
    }

    /// Puts a new replica in the place of one that was dropped.
    Replica replace(int m) {
        Replica fresh = factory.replica(m, replicaKernels.get(m));
        replicas.set(m, fresh);
        return fresh;
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
            count(own.bytes() + Math.min(all - own.bytes(), Message.dense(into)));
        }
        return into;
    }

    @Override
    public Tensor receive(Message message) {
        count(message.bytes() + Message.dense(message.vector()));
        return message.vector();
    }

    @Override
    public void gossip(Message one, Message other) {
        count(2 * (one.bytes() + other.bytes()));
    }

    @Override
    public void broadcast(Message message, List<Integer> receivers) {
        count(2 * message.bytes() * receivers.size());
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
        turns.close();
        replicaKernels.forEach(Kernels::close);
        kernels.close();
    }
}
