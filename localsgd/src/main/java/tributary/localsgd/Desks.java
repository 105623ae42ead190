package tributary.localsgd;

import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import tributary.model.Gpt;
import tributary.model.Trainer;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// Places to work at, one for each thread: kernels, and the buffers of one training step. For more replicas than threads: a
/// replica keeps what it has to remember (parameters, gradients, the optimizer's state, the step it is at), and takes a step at
/// the desk of whatever thread runs it. So memory grows with the replicas' state, and activations are there once a thread. The
/// bits do not depend on the desk.
public final class Desks implements AutoCloseable {
    private final IntFunction<Kernels> backend;
    private final Map<Thread, Desk> desks = new ConcurrentHashMap<>();
    private final Kernels spare;

    /// A thread's kernels, and the trainer of the first replica that sat down here: all others work in its buffers.
    private static final class Desk {
        final Kernels kernels;
        volatile @Nullable Trainer first;

        Desk(Kernels kernels) {
            this.kernels = kernels;
        }
    }

    /// @param backend makes kernels with the given number of threads
    public Desks(IntFunction<Kernels> backend) {
        this.backend = backend;
        this.spare = backend.apply(1);
    }

    private Desk mine() {
        return desks.computeIfAbsent(Thread.currentThread(), thread -> new Desk(backend.apply(1)));
    }

    /// For the group of the replicas that sit here, which makes each of them kernels of its own: they all get the same, which
    /// need no memory because nobody computes with them.
    ///
    /// @param threads of the group, which has kernels to compute with
    public IntFunction<Kernels> backend(int threads) {
        return count -> count == threads ? backend.apply(threads) : spare;
    }

    /// What a replica makes smaller, at whatever desk.
    ///
    /// @param model with parameters and gradients of its own
    /// @param alone makes its trainer where nobody has sat before
    public Objective objective(Gpt model, int replica, Function<Kernels, Trainer> alone) {
        Map<Desk, Trainer> trainers = new IdentityHashMap<>();
        return new Objective() {
            @Override
            public Tensor parameters() {
                return model.parameters().values();
            }

            @Override
            public Tensor gradients() {
                return model.parameters().gradients();
            }

            @Override
            public double gradient(int step) {
                return trainers.computeIfAbsent(mine(), this::sitDown).gradients(step);
            }

            private Trainer sitDown(Desk desk) {
                Trainer first = desk.first;
                if (first == null) {
                    first = alone.apply(desk.kernels);
                    desk.first = first;
                    return first;
                }
                return new Trainer(model, first, replica);
            }

            @Override
            public Kernels kernels() {
                return mine().kernels;
            }
        };
    }

    /// The memory of activations and their gradients, in bytes.
    public long activationBytes() {
        long bytes = 0;
        for (Desk desk : desks.values()) {
            Trainer first = desk.first;
            bytes += first == null ? 0 : first.activationBytes();
        }
        return bytes;
    }

    @Override
    public void close() {
        desks.values().forEach(desk -> desk.kernels.close());
        spare.close();
    }
}
