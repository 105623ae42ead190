package tributary.model.data;

import java.util.Arrays;
import tributary.tensor.IntTensor;

/// Evaluation batches out of a token sequence: consecutive windows of T tokens, in order.
///
/// Over all windows each token but the first is a target exactly once. What the last window, and the last batch, do not
/// fill has id 0 and the target [#IGNORED]. Fewer windows than there are can be asked for; they are then spread evenly.
public final class Windows {
    /// The target of a place that does not count.
    public static final int IGNORED = -100;

    private final Tokens tokens;
    private final int batch;
    private final int context;
    private final long all;
    private final int taken;

    /// All windows.
    ///
    /// @param batch B
    /// @param context T
    /// @throws IllegalArgumentException where there are fewer than two tokens
    public Windows(Tokens tokens, int batch, int context) {
        this(tokens, batch, context, Integer.MAX_VALUE);
    }

    /// At most `most` windows, spread evenly.
    ///
    /// @param batch B
    /// @param context T
    /// @throws IllegalArgumentException where there are fewer than two tokens
    public Windows(Tokens tokens, int batch, int context, int most) {
        if (batch < 1 || context < 1 || most < 1) {
            throw new IllegalArgumentException(
                    "windows: batch " + batch + ", context " + context + " and windows " + most + " have to be positive");
        }
        if (tokens.size() < 2) {
            throw new IllegalArgumentException(
                    "windows: the validation text has " + tokens.size() + " tokens, at least 2 are needed; take more text");
        }
        this.tokens = tokens;
        this.batch = batch;
        this.context = context;
        this.all = (tokens.size() - 2) / context + 1;
        this.taken = (int) Math.min(all, most);
    }

    /// B
    public int batch() {
        return batch;
    }

    /// T
    public int context() {
        return context;
    }

    /// How many batches there are.
    public int batches() {
        return (taken - 1) / batch + 1;
    }

    /// How many tokens are predicted over all batches.
    public long targets() {
        // The last window is the only one that may be short; it is among the taken ones only where all are.
        return taken == all ? tokens.size() - 1 : (long) taken * context;
    }

    /// Writes batch `index`.
    ///
    /// @param ids (B, T), written
    /// @param targets (B, T), the tokens that follow, written
    /// @return how many of the targets count
    public int fill(int index, IntTensor ids, IntTensor targets) {
        if (index < 0 || index >= batches()) {
            throw new IndexOutOfBoundsException("windows: batch " + index + " of " + batches());
        }
        if (ids.elements() != batch * context || targets.elements() != batch * context) {
            throw new IllegalArgumentException("windows: ids " + ids.shape() + " and targets " + targets.shape() + " do not take "
                    + batch + " rows of " + context);
        }
        int counted = 0;
        for (int row = 0; row < batch; row++) {
            int window = index * batch + row;
            int count = 0;
            if (window < taken) {
                long start = window * all / taken * context;
                count = (int) Math.min(context, tokens.size() - 1 - start);
                tokens.copy(start, count, ids.array(), row * context);
                tokens.copy(start + 1, count, targets.array(), row * context);
                counted += count;
            }
            Arrays.fill(ids.array(), row * context + count, (row + 1) * context, 0);
            Arrays.fill(targets.array(), row * context + count, (row + 1) * context, IGNORED);
        }
        return counted;
    }
}
