package tributary.tensor;

/// Where queries, keys, values and outputs stand in their tensors. Row t of head h of sequence b starts
/// `base + b * batchStride + h * headStride + t * rowStride` elements into its tensor and holds `headSize` numbers.
///
/// Query head h reads key/value head `h / (heads / keyHeads)` (grouped-query attention); plain attention has
/// `keyHeads == heads`.
///
/// @param batch B, sequences
/// @param heads nh, query heads
/// @param keyHeads key/value heads, a divisor of `heads`
/// @param length T, positions
/// @param headSize hs
public record AttentionLayout(
        int batch, int heads, int keyHeads, int length, int headSize, Rows query, Rows key, Rows value, Rows output) {

    /// The base and the strides of one operand, in elements.
    public record Rows(int base, int batchStride, int headStride, int rowStride) {}

    public AttentionLayout {
        if (heads % keyHeads != 0) {
            throw new IllegalArgumentException("attention: " + heads + " query heads do not divide into " + keyHeads + " key/value heads");
        }
    }

    /// q (B, nh, T, hs), k and v (B, kv, T, hs) -> output (B, nh, T, hs).
    public static AttentionLayout separate(int batch, int heads, int keyHeads, int length, int headSize) {
        Rows queries = new Rows(0, heads * length * headSize, length * headSize, headSize);
        Rows keys = new Rows(0, keyHeads * length * headSize, length * headSize, headSize);
        return new AttentionLayout(batch, heads, keyHeads, length, headSize, queries, keys, keys, queries);
    }

    /// q, k and v side by side in the rows of one tensor, as one projection makes them:
    /// qkv (B, T, (nh + 2 kv) hs) -> output (B, T, nh hs). The same tensor is passed as query, key and value.
    public static AttentionLayout packed(int batch, int heads, int keyHeads, int length, int headSize) {
        int row = (heads + 2 * keyHeads) * headSize;
        Rows queries = new Rows(0, length * row, headSize, row);
        Rows keys = new Rows(heads * headSize, length * row, headSize, row);
        Rows values = new Rows((heads + keyHeads) * headSize, length * row, headSize, row);
        Rows outputs = new Rows(0, length * heads * headSize, headSize, heads * headSize);
        return new AttentionLayout(batch, heads, keyHeads, length, headSize, queries, keys, values, outputs);
    }

    /// The scale of the scores: 1 / sqrt(hs).
    public float scale() {
        return (float) (1.0 / Math.sqrt(headSize));
    }
}
