package tributary.tensor.simd;

import static tributary.tensor.simd.Lanes.fma;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import tributary.tensor.AttentionLayout;
import tributary.tensor.AttentionLayout.Rows;
import tributary.tensor.Tensor;

/// One head of causal attention on one thread, with its scratch memory. Online softmax and recomputation after
/// Milakov and Gimelshein 2018, arXiv:1805.02867, and Dao et al. 2022, arXiv:2205.14135: no matrix of T x T exists.
///
/// Queries go in tiles of [GemmTile#COLUMNS], keys in chunks of [#CHUNK]. Everything is kept transposed: scores are
/// (keys, queries), outputs (hs, queries). Then a tile of scores is, as it stands, a packed right operand of the next
/// product; each lane of a vector belongs to one query, so softmax needs no sum across lanes; and keys and values
/// are packed once a head.
///
/// | product | left operand, in panels of rows | right operand |
/// |---|---|---|
/// | scores S = K Q^T | K | Q^T |
/// | out^T += V^T P | V^T | P |
/// | dP = V dout^T | V | dout^T |
/// | dQ^T += K^T dS | K^T | dS |
/// | dV += P dout, dK += dS Q | P, dS, rows as they stand | dout, Q |
///
/// with P = e^(scale S - logSumExp) and dS = scale P (dP - sum over hs of dout out).
final class AttentionHead {
    private static final int ROWS = GemmTile.ROWS;
    private static final int QUERIES = GemmTile.COLUMNS;
    /// Keys come in so many, rows of whole panels and steps of whole turns.
    private static final int KEYS = ROWS % GemmPanels.TURN == 0 ? ROWS : ROWS * GemmPanels.TURN / 2;
    /// Keys that meet a tile of queries at a time; a multiple of KEYS for every tile.
    private static final int CHUNK = 240;
    private static final float[] NONE = {};

    private final float[] zeros = new float[QUERIES];
    private final float[] scores = new float[CHUNK * QUERIES];
    private final float[] dscores = new float[CHUNK * QUERIES];
    private final float[] max = new float[QUERIES];
    private final float[] sum = new float[QUERIES];
    private final float[] factor = new float[QUERIES];

    // Operands of one head: keys and values by rows and transposed, in panels.
    private float[] keys = NONE;
    private float[] keysTransposed = NONE;
    private float[] values = NONE;
    private float[] dkeys = NONE;
    private float[] dvalues = NONE;
    // Operands of one tile of queries.
    private float[] queries = NONE;
    private float[] queryRows = NONE;
    private float[] outputs = NONE;
    private float[] doutputs = NONE;
    private float[] doutputRows = NONE;
    private float[] result = NONE;

    private int length;
    private int headSize;
    /// hs in whole turns.
    private int depth;
    /// T in whole KEYS.
    private int allKeys;
    /// hs in whole panels of rows.
    private int features;
    /// hs in whole panels of columns.
    private int width;

    void forward(AttentionLayout l, int batch, int head, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp) {
        resize(l);
        int keyHead = head / (l.heads() / l.keyHeads());
        keys = packRows(k, l.key(), batch, keyHead, keys);
        values = packTransposed(v, l.value(), batch, keyHead, values);
        queries = grown(queries, depth * QUERIES);
        result = grown(result, features * QUERIES);
        float scale = l.scale();
        for (int first = 0; first < length; first += QUERIES) {
            int count = Math.min(QUERIES, length - first);
            packQueries(q, l.query(), batch, head, first, count, queries);
            int end = roundUp(first + count, KEYS);
            for (int key = 0; key < end; key += CHUNK) {
                int chunk = Math.min(CHUNK, end - key);
                products(chunk, keys, key * depth, queries, scores);
                AttentionScores.mask(scores, chunk, first - key, QUERIES);
                if (key == 0) {
                    AttentionScores.firstSoftmax(scores, chunk, QUERIES, scale, max, sum);
                } else {
                    AttentionScores.softmax(scores, chunk, QUERIES, scale, max, sum, factor);
                    AttentionScores.scaleColumns(result, features, QUERIES, factor);
                }
                sumOverKeys(chunk, values, key, scores, key > 0, result);
            }
            for (int j = 0; j < count; j++) {
                logSumExp.set((batch * l.heads() + head) * length + first + j, fma(scale, max[j], VectorMath.log(sum[j])));
                factor[j] = 1 / sum[j];
            }
            AttentionScores.scaleColumns(result, features, QUERIES, factor);
            unpackTransposed(result, out, l.output(), batch, head, first, count, false);
        }
    }

    void backward(
            AttentionLayout l, int batch, int keyHead, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp, Tensor dout,
            boolean accumulate, Tensor dq, Tensor dk, Tensor dv) {
        resize(l);
        keys = packRows(k, l.key(), batch, keyHead, keys);
        keysTransposed = packTransposed(k, l.key(), batch, keyHead, keysTransposed);
        values = packRows(v, l.value(), batch, keyHead, values);
        dkeys = grown(dkeys, allKeys * width);
        dvalues = grown(dvalues, allKeys * width);
        Arrays.fill(dkeys, 0, allKeys * width, 0);
        Arrays.fill(dvalues, 0, allKeys * width, 0);
        queries = grown(queries, depth * QUERIES);
        outputs = grown(outputs, depth * QUERIES);
        doutputs = grown(doutputs, depth * QUERIES);
        queryRows = grown(queryRows, width * QUERIES);
        doutputRows = grown(doutputRows, width * QUERIES);
        result = grown(result, features * QUERIES);
        int group = l.heads() / l.keyHeads();
        for (int head = keyHead * group; head < (keyHead + 1) * group; head++) {
            for (int first = 0; first < length; first += QUERIES) {
                int count = Math.min(QUERIES, length - first);
                packQueries(q, l.query(), batch, head, first, count, queries);
                packQueries(out, l.output(), batch, head, first, count, outputs);
                packQueries(dout, l.output(), batch, head, first, count, doutputs);
                packQueryRows(q, l.query(), batch, head, first, count, queryRows);
                packQueryRows(dout, l.output(), batch, head, first, count, doutputRows);
                AttentionScores.columnDots(outputs, doutputs, headSize, QUERIES, sum);
                // Queries past the end: e^-infinity is no probability at all.
                Arrays.fill(max, Float.POSITIVE_INFINITY);
                for (int j = 0; j < count; j++) {
                    max[j] = logSumExp.get((batch * l.heads() + head) * length + first + j);
                }
                gradients(first, count, l.scale());
                unpackTransposed(result, dq, l.query(), batch, head, first, count, accumulate);
            }
        }
        unpackRows(dkeys, dk, l.key(), batch, keyHead, accumulate);
        unpackRows(dvalues, dv, l.value(), batch, keyHead, accumulate);
    }

    /// What one tile of queries adds to the gradients, with logSumExp in `max` and sum dout out in `sum`.
    private void gradients(int first, int count, float scale) {
        int end = roundUp(first + count, KEYS);
        for (int key = 0; key < end; key += CHUNK) {
            int chunk = Math.min(CHUNK, end - key);
            products(chunk, keys, key * depth, queries, scores);
            products(chunk, values, key * depth, doutputs, dscores);
            AttentionScores.mask(scores, chunk, first - key, QUERIES);
            AttentionScores.softmaxBackward(scores, dscores, chunk, QUERIES, scale, max, sum);
            sumOverQueries(chunk, scores, doutputRows, dvalues, key * width);
            sumOverQueries(chunk, dscores, queryRows, dkeys, key * width);
            sumOverKeys(chunk, keysTransposed, key, dscores, key > 0, result);
        }
    }

    /// (rows, hs) (hs, queries) -> (rows, queries).
    private void products(int rows, float[] panels, int at, float[] columns, float[] result) {
        for (int i = 0; i < rows; i += ROWS) {
            GemmTile.TILE.multiply(depth, panels, at + i * depth, columns, 0, zeros, 0, false, result, i * QUERIES, QUERIES);
        }
    }

    /// (hs, keys) (keys, queries) -> (hs, queries).
    private void sumOverKeys(int chunk, float[] panels, int key, float[] weights, boolean add, float[] result) {
        for (int i = 0; i < features; i += ROWS) {
            GemmTile.TILE.multiply(chunk, panels, i * allKeys + key * ROWS, weights, 0, zeros, 0, add, result, i * QUERIES, QUERIES);
        }
    }

    /// (keys, queries) (queries, hs) is added to (keys, hs).
    private void sumOverQueries(int chunk, float[] weights, float[] rows, float[] result, int at) {
        for (int j = 0; j < width; j += QUERIES) {
            for (int i = 0; i < chunk; i += ROWS) {
                GemmTile.TILE.multiplyRows(QUERIES, weights, i * QUERIES, rows, j * QUERIES, result, at + i * width + j, width);
            }
        }
    }

    private void resize(AttentionLayout l) {
        length = l.length();
        headSize = l.headSize();
        depth = GemmPanels.depth(headSize);
        allKeys = roundUp(length, KEYS);
        features = roundUp(headSize, ROWS);
        width = roundUp(headSize, QUERIES);
    }

    /// All positions of a head as a left operand (T, hs).
    private float[] packRows(Tensor x, Rows rows, int batch, int head, float[] panels) {
        float[] packed = grown(panels, allKeys * depth);
        for (int i = 0; i < length; i += ROWS) {
            int count = Math.min(ROWS, length - i);
            GemmPanels.pack(true, x.array(), at(x, rows, batch, head, i), rows.rowStride(), count, headSize, ROWS, packed, i * depth);
        }
        int end = roundUp(length, ROWS);
        Arrays.fill(packed, end * depth, allKeys * depth, 0);
        return packed;
    }

    /// All positions of a head as a left operand (hs, T).
    private float[] packTransposed(Tensor x, Rows rows, int batch, int head, float[] panels) {
        float[] packed = grown(panels, features * allKeys);
        for (int i = 0; i < features; i += ROWS) {
            GemmPanels.pack(
                    false, x.array(), at(x, rows, batch, head, 0) + i, rows.rowStride(), Math.min(ROWS, headSize - i), length, ROWS,
                    packed, i * allKeys);
            Arrays.fill(packed, i * allKeys + length * ROWS, (i + ROWS) * allKeys, 0);
        }
        return packed;
    }

    /// A tile of queries as a right operand (hs, queries).
    private void packQueries(Tensor x, Rows rows, int batch, int head, int first, int count, float[] packed) {
        GemmPanels.pack(true, x.array(), at(x, rows, batch, head, first), rows.rowStride(), count, headSize, QUERIES, packed, 0);
    }

    /// A tile of queries as a right operand (queries, hs).
    private void packQueryRows(Tensor x, Rows rows, int batch, int head, int first, int count, float[] packed) {
        for (int j = 0; j < width; j += QUERIES) {
            int held = Math.min(QUERIES, headSize - j);
            int from = at(x, rows, batch, head, first) + j;
            GemmPanels.pack(false, x.array(), from, rows.rowStride(), held, count, QUERIES, packed, j * QUERIES);
            Arrays.fill(packed, (j + count) * QUERIES, (j + QUERIES) * QUERIES, 0);
        }
    }

    /// (hs, queries) -> rows of the tile's positions.
    private void unpackTransposed(
            float[] packed, Tensor x, Rows rows, int batch, int head, int first, int count, boolean accumulate) {
        float[] array = x.array();
        int stride = rows.rowStride();
        int to = at(x, rows, batch, head, first);
        int whole = GemmPanels.WIDE && !accumulate ? headSize / 16 * 16 : 0; // features that go 16 by 16
        int j = 0;
        for (; whole > 0 && j + 16 <= count; j += 16) {
            for (int i = 0; i < whole; i += 16) {
                GemmInterleave512.sixteen(packed, i * QUERIES + j, QUERIES, array, to + j * stride + i, stride);
            }
            unpackNumbers(packed, array, to, stride, j, j + 16, whole, false);
        }
        unpackNumbers(packed, array, to, stride, j, count, 0, accumulate);
    }

    private void unpackNumbers(float[] packed, float[] array, int to, int stride, int fromRow, int toRow, int feature, boolean accumulate) {
        for (int j = fromRow; j < toRow; j++) {
            for (int i = feature; i < headSize; i++) {
                float value = packed[i * QUERIES + j];
                array[to + j * stride + i] = accumulate ? array[to + j * stride + i] + value : value;
            }
        }
    }

    /// (T, hs) -> rows of all positions.
    private void unpackRows(float[] packed, Tensor x, Rows rows, int batch, int head, boolean accumulate) {
        float[] array = x.array();
        for (int t = 0; t < length; t++) {
            int to = at(x, rows, batch, head, t);
            int from = t * width;
            int i = 0;
            for (; i < Lanes.bound(headSize); i += Lanes.LENGTH) {
                FloatVector sum = FloatVector.fromArray(Lanes.F, packed, from + i);
                if (accumulate) {
                    sum = FloatVector.fromArray(Lanes.F, array, to + i).add(sum);
                }
                sum.intoArray(array, to + i);
            }
            for (; i < headSize; i++) {
                array[to + i] = accumulate ? array[to + i] + packed[from + i] : packed[from + i];
            }
        }
    }

    private static int at(Tensor x, Rows rows, int batch, int head, int t) {
        return x.offset() + rows.base() + batch * rows.batchStride() + head * rows.headStride() + t * rows.rowStride();
    }

    private static int roundUp(int count, int multiple) {
        return (count + multiple - 1) / multiple * multiple;
    }

    private static float[] grown(float[] buffer, int needed) {
        return buffer.length >= needed ? buffer : new float[needed];
    }
}
