package tributary.tensor.simd;

import java.util.Arrays;
import tributary.tensor.AttentionLayout;
import tributary.tensor.AttentionLayout.Rows;
import tributary.tensor.Tensor;

/// Causal scaled dot-product attention and its gradients.
final class Attention {
    private final Workers workers;

    Attention(Workers workers) {
        this.workers = workers;
    }

    /// As [tributary.tensor.Kernels#attention].
    void forward(AttentionLayout l, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp) {
        int length = l.length();
        workers.run(l.batch() * l.heads(), (part, worker) -> {
            int batch = part / l.heads();
            int head = part % l.heads();
            int keyHead = head / (l.heads() / l.keyHeads());
            double[] scores = new double[length];
            for (int t = 0; t < length; t++) {
                double max = Double.NEGATIVE_INFINITY;
                for (int s = 0; s <= t; s++) {
                    scores[s] = l.scale() * dot(l.headSize(), q, at(l.query(), batch, head, t), k, at(l.key(), batch, keyHead, s));
                    max = Math.max(max, scores[s]);
                }
                double sum = 0;
                for (int s = 0; s <= t; s++) {
                    scores[s] = Math.exp(scores[s] - max);
                    sum += scores[s];
                }
                int target = at(l.output(), batch, head, t);
                for (int i = 0; i < l.headSize(); i++) {
                    double total = 0;
                    for (int s = 0; s <= t; s++) {
                        total += scores[s] * v.get(at(l.value(), batch, keyHead, s) + i);
                    }
                    out.set(target + i, (float) (total / sum));
                }
                logSumExp.set(part * length + t, (float) (max + Math.log(sum)));
            }
        });
    }

    /// As [tributary.tensor.Kernels#attentionBackward].
    void backward(
            AttentionLayout l, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp, Tensor dout,
            boolean accumulate, Tensor dq, Tensor dk, Tensor dv) {
        int group = l.heads() / l.keyHeads();
        int hs = l.headSize();
        workers.run(l.batch() * l.keyHeads(), (part, worker) -> {
            int batch = part / l.keyHeads();
            int keyHead = part % l.keyHeads();
            if (!accumulate) {
                for (int t = 0; t < l.length(); t++) {
                    for (int head = keyHead * group; head < (keyHead + 1) * group; head++) {
                        clear(dq, at(l.query(), batch, head, t), hs);
                    }
                    clear(dk, at(l.key(), batch, keyHead, t), hs);
                    clear(dv, at(l.value(), batch, keyHead, t), hs);
                }
            }
            for (int head = keyHead * group; head < (keyHead + 1) * group; head++) {
                for (int t = 0; t < l.length(); t++) {
                    int query = at(l.query(), batch, head, t);
                    int output = at(l.output(), batch, head, t);
                    double delta = dot(hs, dout, output, out, output);
                    double lse = logSumExp.get((batch * l.heads() + head) * l.length() + t);
                    for (int s = 0; s <= t; s++) {
                        int key = at(l.key(), batch, keyHead, s);
                        int value = at(l.value(), batch, keyHead, s);
                        double p = Math.exp(l.scale() * dot(hs, q, query, k, key) - lse);
                        float dscore = (float) (l.scale() * p * (dot(hs, dout, output, v, value) - delta));
                        for (int i = 0; i < hs; i++) {
                            dv.set(value + i, dv.get(value + i) + (float) p * dout.get(output + i));
                            dq.set(query + i, dq.get(query + i) + dscore * k.get(key + i));
                            dk.set(key + i, dk.get(key + i) + dscore * q.get(query + i));
                        }
                    }
                }
            }
        });
    }

    private static int at(Rows rows, int batch, int head, int t) {
        return rows.base() + batch * rows.batchStride() + head * rows.headStride() + t * rows.rowStride();
    }

    private static double dot(int length, Tensor x, int xOffset, Tensor y, int yOffset) {
        double sum = 0;
        for (int i = 0; i < length; i++) {
            sum += (double) x.get(xOffset + i) * y.get(yOffset + i);
        }
        return sum;
    }

    private static void clear(Tensor x, int from, int length) {
        Arrays.fill(x.array(), x.offset() + from, x.offset() + from + length, 0);
    }
}
