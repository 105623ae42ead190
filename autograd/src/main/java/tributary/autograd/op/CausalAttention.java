package tributary.autograd.op;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.autograd.Variable;
import tributary.tensor.AttentionLayout;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;
import tributary.tensor.Workspace;

/// **Causal attention**  y[t] = sum over s <= t of p[t, s] v[s] with p = softmax over s of q[t] k[s] / sqrt(hs).
/// Vaswani et al. 2017, arXiv:1706.03762; query head h reads key/value head h / (nh / kv): Ainslie et al. 2023,
/// arXiv:2305.13245.
/// Shapes: q (B, nh, T, hs), k and v (B, kv, T, hs) -> y (B, nh, T, hs); saves the logarithms of the softmax
/// denominators, (B, nh, T).
/// Gradient: dv[s] = sum over t of p dy[t];  ds = p (dy v - sum(p dy v)) / sqrt(hs);  dq = ds k;  dk = ds^T q.
public final class CausalAttention implements Op {
    private final Variable q;
    private final Variable k;
    private final Variable v;
    private final AttentionLayout layout;
    private @Nullable Tensor logSumExp;
    // The kernel writes three gradients at once. One that nobody wants, or that goes to the same variable as another,
    // is written here.
    private @Nullable Tensor spareQ;
    private @Nullable Tensor spareK;
    private @Nullable Tensor spareV;

    public CausalAttention(Variable q, Variable k, Variable v) {
        Shape queries = q.value().shape();
        Shape keys = k.value().shape();
        boolean fits = queries.rank() == 4 && keys.rank() == 4 && keys.equals(v.value().shape())
                && queries.size(0) == keys.size(0) && queries.size(2) == keys.size(2) && queries.size(3) == keys.size(3)
                && queries.size(1) % keys.size(1) == 0;
        if (!fits) {
            throw new IllegalArgumentException("attention: q " + queries + ", k " + keys + " and v " + v.value().shape()
                    + " are not (B, nh, T, hs) and twice (B, kv, T, hs) with nh a multiple of kv");
        }
        this.q = q;
        this.k = k;
        this.v = v;
        this.layout = AttentionLayout.separate(queries.size(0), queries.size(1), keys.size(1), queries.size(2), queries.size(3));
    }

    @Override
    public List<Variable> inputs() {
        return List.of(q, k, v);
    }

    @Override
    public Shape shape() {
        return q.value().shape();
    }

    @Override
    public void reserve(Workspace workspace) {
        logSumExp = workspace.acquire(Shape.of(layout.batch(), layout.heads(), layout.length()));
        if (q.needsGradient() || k.needsGradient() || v.needsGradient()) {
            spareQ = q.needsGradient() ? null : workspace.acquire(q.value().shape());
            spareK = k.needsGradient() && k != q ? null : workspace.acquire(k.value().shape());
            spareV = v.needsGradient() && v != q && v != k ? null : workspace.acquire(v.value().shape());
        }
    }

    @Override
    public void release(Workspace workspace) {
        workspace.release(logSumExp);
        for (Tensor spare : new @Nullable Tensor[] {spareQ, spareK, spareV}) {
            if (spare != null) {
                workspace.release(spare);
            }
        }
    }

    @Override
    public void forward(Kernels kernels, Tensor y) {
        kernels.attention(layout, q.value(), k.value(), v.value(), y, logSumExp);
    }

    @Override
    public void backward(Kernels kernels, Variable y) {
        Tensor dq = spareQ == null ? q.gradient() : spareQ;
        Tensor dk = spareK == null ? k.gradient() : spareK;
        Tensor dv = spareV == null ? v.gradient() : spareV;
        boolean addQ = spareQ == null && q.accumulate();
        boolean addK = spareK == null && k.accumulate();
        boolean addV = spareV == null && v.accumulate();
        boolean add = addQ || addK || addV; // the kernel adds to all or to none
        clearIf(add && !addQ, dq);
        clearIf(add && !addK, dk);
        clearIf(add && !addV, dv);
        kernels.attentionBackward(layout, q.value(), k.value(), v.value(), y.value(), logSumExp, y.gradient(), add, dq, dk, dv);
        addSpare(kernels, spareK, k);
        addSpare(kernels, spareV, v);
    }

    private static void clearIf(boolean clear, Tensor gradient) {
        if (clear) {
            gradient.fill(0f);
        }
    }

    private static void addSpare(Kernels kernels, @Nullable Tensor spare, Variable x) {
        if (spare != null && x.needsGradient()) {
            kernels.copy(spare, x.accumulate(), x.gradient());
        }
    }
}
