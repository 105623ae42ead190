package tributary.tensor.simd;

import tributary.tensor.AttentionLayout;
import tributary.tensor.Tensor;
import tributary.tensor.check.Checks;

/// Causal scaled dot-product attention and its gradients, one head a part: [AttentionHead] does the work.
///
/// Backward, the query heads that share a key/value head are one part, so that their gradients of keys and values are
/// summed in one fixed order.
final class Attention {
    private static final Tensor NONE = Tensor.zeros(1);

    private final Workers workers;
    private final Workers.Task forwardPart = this::forwardPart;
    private final Workers.Task backwardPart = this::backwardPart;
    private final AttentionHead[] heads;

    // The attention at work.
    private AttentionLayout layout = AttentionLayout.separate(1, 1, 1, 1, 1);
    private Tensor q = NONE;
    private Tensor k = NONE;
    private Tensor v = NONE;
    private Tensor out = NONE;
    private Tensor logSumExp = NONE;
    private Tensor dout = NONE;
    private Tensor dq = NONE;
    private Tensor dk = NONE;
    private Tensor dv = NONE;
    private boolean accumulate;

    Attention(Workers workers) {
        this.workers = workers;
        heads = new AttentionHead[workers.threads()];
        for (int i = 0; i < heads.length; i++) {
            heads[i] = new AttentionHead();
        }
    }

    /// As [tributary.tensor.Kernels#attention].
    void forward(AttentionLayout layout, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp) {
        Checks.attention(layout, q, k, v, out, logSumExp);
        operands(layout, q, k, v, out, logSumExp);
        workers.run(layout.batch() * layout.heads(), forwardPart);
        operands(layout, NONE, NONE, NONE, NONE, NONE);
    }

    /// As [tributary.tensor.Kernels#attentionBackward].
    void backward(
            AttentionLayout layout, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp, Tensor dout,
            boolean accumulate, Tensor dq, Tensor dk, Tensor dv) {
        Checks.attentionBackward(layout, q, k, v, out, logSumExp, dout, dq, dk, dv);
        operands(layout, q, k, v, out, logSumExp);
        gradients(dout, dq, dk, dv);
        this.accumulate = accumulate;
        workers.run(layout.batch() * layout.keyHeads(), backwardPart);
        operands(layout, NONE, NONE, NONE, NONE, NONE);
        gradients(NONE, NONE, NONE, NONE);
    }

    private void operands(AttentionLayout layout, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp) {
        this.layout = layout;
        this.q = q;
        this.k = k;
        this.v = v;
        this.out = out;
        this.logSumExp = logSumExp;
    }

    private void gradients(Tensor dout, Tensor dq, Tensor dk, Tensor dv) {
        this.dout = dout;
        this.dq = dq;
        this.dk = dk;
        this.dv = dv;
    }

    private void forwardPart(int part, int worker) {
        heads[worker].forward(layout, part / layout.heads(), part % layout.heads(), q, k, v, out, logSumExp);
    }

    private void backwardPart(int part, int worker) {
        heads[worker].backward(
                layout, part / layout.keyHeads(), part % layout.keyHeads(), q, k, v, out, logSumExp, dout, accumulate, dq, dk, dv);
    }
}
