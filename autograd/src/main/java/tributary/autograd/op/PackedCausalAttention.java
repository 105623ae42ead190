package tributary.autograd.op;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.autograd.Variable;
import tributary.tensor.AttentionLayout;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;
import tributary.tensor.Workspace;

/// **Causal attention on one projection**  as [CausalAttention], with q, k and v side by side in the rows of one tensor,
/// so that no head is copied out.   Vaswani et al. 2017, arXiv:1706.03762
/// Shapes: qkv (B, T, (nh + 2 kv) hs): nh query heads, kv key heads, kv value heads -> y (B, T, nh hs); saves the
/// logarithms of the softmax denominators, (B, nh, T).
/// Gradient: that of [CausalAttention], in the layout of qkv.
public final class PackedCausalAttention implements Op {
    private final Variable qkv;
    private final AttentionLayout layout;
    private final Shape shape;
    private @Nullable Tensor logSumExp;

    /// @param heads nh, query heads
    /// @param keyHeads kv, key/value heads, a divisor of `heads`; equal to it in plain attention
    public PackedCausalAttention(Variable qkv, int heads, int keyHeads) {
        Shape rows = qkv.value().shape();
        if (rows.rank() != 3 || heads < 1 || keyHeads < 1 || rows.last() % (heads + 2 * keyHeads) != 0) {
            throw new IllegalArgumentException("attention: qkv " + rows + " is not (B, T, (nh + 2 kv) hs) for " + heads
                    + " query heads and " + keyHeads + " key/value heads");
        }
        int headSize = rows.last() / (heads + 2 * keyHeads);
        this.qkv = qkv;
        this.layout = AttentionLayout.packed(rows.size(0), heads, keyHeads, rows.size(1), headSize);
        this.shape = rows.withLast(heads * headSize);
    }

    @Override
    public List<Variable> inputs() {
        return List.of(qkv);
    }

    @Override
    public Shape shape() {
        return shape;
    }

    @Override
    public void reserve(Workspace workspace) {
        logSumExp = workspace.acquire(Shape.of(layout.batch(), layout.heads(), layout.length()));
    }

    @Override
    public void release(Workspace workspace) {
        workspace.release(logSumExp);
    }

    @Override
    public void forward(Kernels kernels, Tensor y) {
        kernels.attention(layout, qkv.value(), qkv.value(), qkv.value(), y, logSumExp);
    }

    @Override
    public void backward(Kernels kernels, Variable y) {
        Tensor x = qkv.value();
        boolean accumulate = qkv.accumulate();
        Tensor dx = qkv.gradient();
        kernels.attentionBackward(layout, x, x, x, y.value(), logSumExp, y.gradient(), accumulate, dx, dx, dx);
    }
}
