package tributary.localsgd.run;

import java.util.Collection;
import java.util.Locale;
import tributary.localsgd.Algorithm;
import tributary.localsgd.Replica;
import tributary.localsgd.cluster.Worker;
import tributary.model.GptConfig;
import tributary.tensor.Tensor;

/// What a replica needs of a worker's memory, in bytes.
///
/// @param kept the state of the inner optimizer, of the codec and of the algorithm's memories
/// @param globals the global parameters, and the algorithm's own state (an outer optimizer's): every worker has them besides
///     its own
record Footprint(long parameters, long gradients, long kept, long globals, long activations) {

    static Footprint of(Replica replica, Algorithm algorithm, Tensor theta, long activations) {
        long parameters = bytes(theta);
        return new Footprint(parameters, parameters, sum(replica.state().values()),
                (algorithm.sharesParameters() ? 0 : parameters) + sum(algorithm.state().values()), activations);
    }

    /// What the activations of a step take, within a fifth for widths from 32 on: counted are, of N tokens at once and in
    /// numbers of four bytes,
    ///
    /// ```
    /// kept for the backward pass   16 L C N   (of one block, and C N of each other, where they are computed again)
    /// around the blocks            3 C N
    /// gradients underway           7 C N
    /// logits of a chunk            min(N, 288) V
    /// ```
    ///
    /// @param rows sequences that a replica has in a batch
    static long activations(GptConfig model, int rows, boolean recompute) {
        long tokens = (long) rows * model.context();
        long blocks = recompute ? 16 + model.layers() : 16L * model.layers();
        return Float.BYTES * (tokens * model.width() * (blocks + 3 + 7) + Math.min(tokens, 288) * model.vocabulary());
    }

    private static long sum(Collection<Tensor> tensors) {
        return tensors.stream().mapToLong(Footprint::bytes).sum();
    }

    private static long bytes(Tensor tensor) {
        return (long) Float.BYTES * tensor.elements();
    }

    long all() {
        return parameters + gradients + kept + globals + activations;
    }

    /// @throws IllegalArgumentException with the figures, where a worker has less
    void requireFits(Worker worker) {
        if (worker.memory().isPresent() && worker.memory().getAsDouble() < all()) {
            throw new IllegalArgumentException("worker " + worker.name() + " has " + text(worker.memory().getAsDouble())
                    + " of memory, a replica needs " + text(all()) + ": parameters " + text(parameters) + ", gradients " + text(gradients)
                    + ", optimizer and other state " + text(kept) + ", global parameters and outer state " + text(globals)
                    + ", activations about " + text(activations)
                    + "; use a smaller model, fewer sequences of a batch for each replica, --recompute, or a larger worker");
        }
    }

    private static String text(double bytes) {
        return bytes < 1e9 ? String.format(Locale.ROOT, "%.3g MB", bytes / 1e6) : String.format(Locale.ROOT, "%.3g GB", bytes / 1e9);
    }
}
