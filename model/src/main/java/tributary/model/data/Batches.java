package tributary.model.data;

import java.util.List;
import tributary.tensor.IntTensor;

/// Training batches out of a token sequence. Each is a function of (seed, step, row), whatever the number of replicas.
///
/// Row b of step s starts, in [Order#RANDOM], at a place drawn uniformly from all that leave room for T + 1 tokens; in
/// [Order#SEQUENTIAL] at the start of window (s B + b) modulo the number of whole windows of T tokens. Replica r of M
/// takes rows r, r + M, r + 2M, ... of the global batch.
///
/// Of several sources each row draws one, with a chance of its weight over the sum of all weights, and its place there.
public final class Batches implements BatchSource {
    private final List<WeightedTokens> sources;
    private final double weights;
    private final int batch;
    private final int context;
    private final Order order;
    private final long seed;
    private final long sourceSeed;

    /// @param batch B
    /// @param context T
    /// @throws IllegalArgumentException where the tokens are fewer than T + 1
    public Batches(Tokens tokens, int batch, int context, Order order, long seed) {
        this(List.of(new WeightedTokens(tokens, 1)), batch, context, order, seed);
    }

    /// @param batch B
    /// @param context T
    /// @throws IllegalArgumentException where the tokens of a source are fewer than T + 1, or several have to go in order
    public Batches(List<WeightedTokens> sources, int batch, int context, Order order, long seed) {
        if (batch < 1 || context < 1) {
            throw new IllegalArgumentException("batches: batch " + batch + " and context " + context + " have to be positive");
        }
        for (WeightedTokens source : sources) {
            if (source.tokens().size() <= context) {
                throw new IllegalArgumentException("batches: the training text has " + source.tokens().size() + " tokens, a context of "
                        + context + " needs " + (context + 1) + "; take more text or a shorter context");
            }
        }
        if (sources.size() > 1 && order != Order.RANDOM) {
            throw new IllegalArgumentException("order sequential has no meaning with several sources of data; use random");
        }
        this.sources = List.copyOf(sources);
        this.weights = sources.stream().mapToDouble(WeightedTokens::weight).sum();
        this.batch = batch;
        this.context = context;
        this.order = order;
        this.seed = StatelessRandom.seed(seed, "batches");
        this.sourceSeed = StatelessRandom.seed(seed, "sources");
    }

    @Override
    public int batch() {
        return batch;
    }

    @Override
    public int context() {
        return context;
    }

    @Override
    public void fill(long step, int replica, int replicas, IntTensor ids, IntTensor targets) {
        if (step < 0 || replica < 0 || replica >= replicas || replicas > batch) {
            throw new IllegalArgumentException("batches: no rows for step " + step + ", replica " + replica + " of " + replicas
                    + " in a batch of " + batch);
        }
        int rows = rows(replica, replicas);
        if (ids.elements() != rows * context || targets.elements() != rows * context) {
            throw new IllegalArgumentException("batches: ids " + ids.shape() + " and targets " + targets.shape() + " do not take "
                    + rows + " rows of " + context);
        }
        for (int row = 0; row < rows; row++) {
            Tokens tokens = source(step, replica + row * replicas);
            long start = start(tokens, step, replica + row * replicas);
            tokens.copy(start, context, ids.array(), row * context);
            tokens.copy(start + 1, context, targets.array(), row * context);
        }
    }

    /// Where a row of the global batch comes from.
    private Tokens source(long step, int row) {
        int last = sources.size() - 1;
        double left = last == 0 ? 0 : weights * StatelessRandom.uniform(sourceSeed, step, row);
        for (int i = 0; i < last; i++) { // no iterator: a step allocates nothing
            left -= sources.get(i).weight();
            if (left < 0) {
                return sources.get(i).tokens();
            }
        }
        return sources.get(last).tokens();
    }

    /// Where it starts there.
    private long start(Tokens tokens, long step, int row) {
        return switch (order) {
            case RANDOM -> StatelessRandom.below(tokens.size() - context, seed, step, row);
            case SEQUENTIAL -> {
                long windows = (tokens.size() - 1) / context;
                yield (step % windows * batch + row) % windows * context;
            }
        };
    }
}
