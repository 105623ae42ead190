package tributary.tensor.simd;

import static jdk.incubator.vector.FloatVector.fromArray;
import static tributary.tensor.simd.Lanes.F;

import java.util.Arrays;
import tributary.tensor.AttentionLayout;
import tributary.tensor.Tensor;

/// Attention of new positions over kept keys and values. A part is one key/value head: its new rows go into the cache, and
/// then the query heads that share it are computed, one query at a time: a product of a matrix and a vector, softmax, and
/// a sum of rows. Memory sets the pace, and both are read from front to back.
///
/// The first positions of a sequence, many at once, are ordinary causal attention: [Attention] does it in tiles.
final class CachedAttention implements Workers.Task {
    private final Workers workers;
    private final Attention attention;
    private final float[][] lanes;
    private final float[][] scores;
    // Of the tiles computed last.
    private AttentionLayout layout = AttentionLayout.packed(1, 1, 1, 1, 1);
    private Tensor logSumExp = Ranges.NONE;

    // The attention at work.
    private int position;
    private boolean tiled;
    private Tensor qkv = Ranges.NONE;
    private Tensor keys = Ranges.NONE;
    private Tensor values = Ranges.NONE;
    private Tensor out = Ranges.NONE;

    CachedAttention(Workers workers, Attention attention) {
        this.workers = workers;
        this.attention = attention;
        lanes = new float[workers.threads()][MatrixRows.LANES];
        scores = new float[workers.threads()][0];
    }

    /// As [tributary.tensor.Kernels#cachedAttention].
    void apply(int position, Tensor qkv, Tensor keys, Tensor values, Tensor out) {
        int count = qkv.shape().size(0);
        int keyHeads = keys.shape().size(0);
        tiled = position == 0 && count > 1;
        if (tiled) {
            int headSize = keys.shape().last();
            prepareTiles(out.shape().last() / headSize, keyHeads, count, headSize);
            attention.forward(layout, qkv, qkv, qkv, out, logSumExp);
        }
        this.position = position;
        this.qkv = qkv;
        this.keys = keys;
        this.values = values;
        this.out = out;
        workers.run(keyHeads, this);
        this.qkv = Ranges.NONE;
        this.keys = Ranges.NONE;
        this.values = Ranges.NONE;
        this.out = Ranges.NONE;
    }

    private void prepareTiles(int heads, int keyHeads, int count, int headSize) {
        if (layout.heads() != heads || layout.keyHeads() != keyHeads || layout.length() != count || layout.headSize() != headSize) {
            layout = AttentionLayout.packed(1, heads, keyHeads, count, headSize);
            logSumExp = Tensor.zeros(heads, count);
        }
    }

    @Override
    public void run(int part, int worker) {
        int count = qkv.shape().size(0);
        int headSize = keys.shape().last();
        int width = out.shape().last();
        int keyHeads = keys.shape().size(0);
        int cached = part * keys.shape().size(1) * headSize;
        for (int n = 0; n < count; n++) {
            int key = qkv.offset() + n * qkv.shape().last() + width + part * headSize;
            int to = cached + (position + n) * headSize;
            System.arraycopy(qkv.array(), key, keys.array(), keys.offset() + to, headSize);
            System.arraycopy(qkv.array(), key + keyHeads * headSize, values.array(), values.offset() + to, headSize);
        }
        if (tiled) {
            return;
        }
        int group = width / headSize / keyHeads;
        for (int n = 0; n < count; n++) {
            for (int head = part * group; head < (part + 1) * group; head++) {
                query(n, head, cached, headSize, worker);
            }
        }
    }

    /// The output of one query.
    private void query(int n, int head, int cached, int headSize, int worker) {
        int length = position + n + 1;
        float[] p = scores[worker];
        if (p.length < length) {
            p = new float[keys.shape().size(1)];
            scores[worker] = p;
        }
        Arrays.fill(p, 0, length, 0f);
        int query = qkv.offset() + n * qkv.shape().last() + head * headSize;
        MatrixRows.dots(length, headSize, keys.array(), keys.offset() + cached, qkv.array(), query, lanes[worker], p, 0);
        powers(length, p, Rows.max(length, p, 0, lanes[worker]), (float) (1 / Math.sqrt(headSize)));
        float share = (float) (1 / Rows.sum(length, p, 0, lanes[worker]));
        int to = out.offset() + n * out.shape().last() + head * headSize;
        float[] y = out.array();
        Arrays.fill(y, to, to + headSize, 0f);
        MatrixRows.sum(length, headSize, values.array(), values.offset() + cached, headSize, p, 0, y, to);
        for (int i = 0; i < headSize; i++) {
            y[to + i] *= share;
        }
    }

    /// x = e^(scale (x - max)).
    private static void powers(int n, float[] x, float max, float scale) {
        int i = 0;
        for (int bound = Lanes.bound(n); i < bound; i += Lanes.LENGTH) {
            VectorMath.expUnlessNegligible(fromArray(F, x, i).sub(max).mul(scale)).intoArray(x, i);
        }
        for (; i < n; i++) {
            x[i] = VectorMath.expUnlessNegligible((x[i] - max) * scale);
        }
    }
}
