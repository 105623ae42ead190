package tributary.tensor.reference;

import tributary.tensor.AttentionLayout;
import tributary.tensor.AttentionLayout.Rows;
import tributary.tensor.Tensor;

/// Causal attention, one query at a time. The backward pass takes the softmax anew from q and k, in float64.
final class Attention {

    private Attention() {}

    static void forward(AttentionLayout layout, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp) {
        double[] scores = new double[layout.length()];
        for (int b = 0; b < layout.batch(); b++) {
            for (int h = 0; h < layout.heads(); h++) {
                for (int t = 0; t < layout.length(); t++) {
                    double denominator = query(layout, q, k, v, out, b, h, t, scores);
                    logSumExp.set((b * layout.heads() + h) * layout.length() + t, (float) denominator);
                }
            }
        }
    }

    static void cached(int position, Tensor qkv, Tensor keys, Tensor values, Tensor out) {
        int keyHeads = keys.shape().size(0);
        int length = keys.shape().size(1);
        int hs = keys.shape().size(2);
        int width = out.shape().last();
        int row = qkv.shape().last();
        int end = position + qkv.shape().size(0);
        Rows cache = new Rows(0, 0, length * hs, hs);
        // The first row of qkv and of out is that of `position`.
        Rows queries = new Rows(-position * row, 0, hs, row);
        Rows outputs = new Rows(-position * width, 0, hs, width);
        AttentionLayout layout = new AttentionLayout(1, width / hs, keyHeads, length, hs, queries, cache, cache, outputs);
        for (int t = position; t < end; t++) {
            for (int h = 0; h < keyHeads; h++) {
                for (int i = 0; i < hs; i++) {
                    int key = (t - position) * row + width + h * hs + i;
                    keys.set(row(cache, 0, h, t) + i, qkv.get(key));
                    values.set(row(cache, 0, h, t) + i, qkv.get(key + keyHeads * hs));
                }
            }
        }
        double[] scores = new double[length];
        for (int t = position; t < end; t++) {
            for (int h = 0; h < layout.heads(); h++) {
                query(layout, qkv, keys, values, out, 0, h, t, scores);
            }
        }
    }

    /// Writes the output of query t and returns the logarithm of its softmax's denominator.
    private static double query(AttentionLayout layout, Tensor q, Tensor k, Tensor v, Tensor out, int b, int h, int t, double[] p) {
        double logSumExp = probabilities(layout, q, k, b, h, t, p);
        int kv = h / (layout.heads() / layout.keyHeads());
        for (int i = 0; i < layout.headSize(); i++) {
            double sum = 0;
            for (int s = 0; s <= t; s++) {
                sum += p[s] * v.get(row(layout.value(), b, kv, s) + i);
            }
            out.set(row(layout.output(), b, h, t) + i, (float) sum);
        }
        return logSumExp;
    }

    static void backward(
            AttentionLayout layout, Tensor q, Tensor k, Tensor v, Tensor dout, boolean accumulate, Tensor dq, Tensor dk, Tensor dv) {
        int length = layout.length();
        int hs = layout.headSize();
        double[] p = new double[length];
        for (int b = 0; b < layout.batch(); b++) {
            for (int kv = 0; kv < layout.keyHeads(); kv++) {
                double[] keySums = new double[length * hs];
                double[] valueSums = new double[length * hs];
                int group = layout.heads() / layout.keyHeads();
                for (int h = kv * group; h < (kv + 1) * group; h++) {
                    for (int t = 0; t < length; t++) {
                        probabilities(layout, q, k, b, h, t, p);
                        backwardOneQuery(layout, q, k, v, dout, accumulate, dq, keySums, valueSums, p, b, h, kv, t);
                    }
                }
                for (int s = 0; s < length; s++) {
                    for (int i = 0; i < hs; i++) {
                        Elementwise.put(dk, row(layout.key(), b, kv, s) + i, accumulate, keySums[s * hs + i]);
                        Elementwise.put(dv, row(layout.value(), b, kv, s) + i, accumulate, valueSums[s * hs + i]);
                    }
                }
            }
        }
    }

    // dv[s] += p[s] dout;  dp[s] = dout v[s];  ds = scale p (dp - sum(p dp));  dq = sum over s of ds[s] k[s];  dk[s] += ds[s] q.
    private static void backwardOneQuery(
            AttentionLayout layout, Tensor q, Tensor k, Tensor v, Tensor dout, boolean accumulate, Tensor dq,
            double[] keySums, double[] valueSums, double[] p, int b, int h, int kv, int t) {
        int hs = layout.headSize();
        double scale = 1 / Math.sqrt(hs);
        int query = row(layout.query(), b, h, t);
        int output = row(layout.output(), b, h, t);
        double[] dp = new double[t + 1];
        double mean = 0;
        for (int s = 0; s <= t; s++) {
            for (int i = 0; i < hs; i++) {
                dp[s] += (double) dout.get(output + i) * v.get(row(layout.value(), b, kv, s) + i);
                valueSums[s * hs + i] += p[s] * dout.get(output + i);
            }
            mean += p[s] * dp[s];
        }
        double[] querySums = new double[hs];
        for (int s = 0; s <= t; s++) {
            double ds = scale * p[s] * (dp[s] - mean);
            for (int i = 0; i < hs; i++) {
                querySums[i] += ds * k.get(row(layout.key(), b, kv, s) + i);
                keySums[s * hs + i] += ds * q.get(query + i);
            }
        }
        for (int i = 0; i < hs; i++) {
            Elementwise.put(dq, query + i, accumulate, querySums[i]);
        }
    }

    /// Fills p[0..t] with the softmax of the scores of query t and returns the logarithm of its denominator.
    private static double probabilities(AttentionLayout layout, Tensor q, Tensor k, int b, int h, int t, double[] p) {
        int kv = h / (layout.heads() / layout.keyHeads());
        int query = row(layout.query(), b, h, t);
        double max = Double.NEGATIVE_INFINITY;
        for (int s = 0; s <= t; s++) {
            double dot = 0;
            for (int i = 0; i < layout.headSize(); i++) {
                dot += (double) q.get(query + i) * k.get(row(layout.key(), b, kv, s) + i);
            }
            p[s] = dot / Math.sqrt(layout.headSize());
            max = Math.max(max, p[s]);
        }
        double sum = 0;
        for (int s = 0; s <= t; s++) {
            sum += Math.exp(p[s] - max);
        }
        double logSumExp = max + Math.log(sum);
        for (int s = 0; s <= t; s++) {
            p[s] = Math.exp(p[s] - logSumExp);
        }
        return logSumExp;
    }

    private static int row(Rows rows, int b, int h, int t) {
        return rows.base() + b * rows.batchStride() + h * rows.headStride() + t * rows.rowStride();
    }
}
