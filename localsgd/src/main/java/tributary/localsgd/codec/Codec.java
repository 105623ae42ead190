package tributary.localsgd.codec;

import java.nio.ByteBuffer;
import tributary.tensor.Tensor;

/// Turns float32 numbers into bytes and back. Each codec is one file: its encoding, source, byte formula and error.
///
/// A codec has no state. What it draws at random is a pure function of a key that sender and receiver share, so the key
/// itself is never sent. The length of a message depends on how many numbers it carries and on nothing else.
///
/// Numbers must be finite.
public sealed interface Codec permits Bf16, BlockInteger, Codebook, Dct, Fp16, Fp32, Fp4, RandomK, Sign, TopK {

    /// The length of a message of `n` numbers, exactly.
    long bytes(int n);

    /// Appends the message that carries `x` to `out`, which is little-endian.
    ///
    /// @param key of the message's random draws
    void encode(Tensor x, long key, ByteBuffer out);

    /// Takes a message from `in`, which is little-endian, and overwrites `y` with what it carries.
    ///
    /// @param key the one it was encoded with
    /// @param y of as many numbers as were encoded
    void decode(ByteBuffer in, long key, Tensor y);

    /// Whether it leaves so much out that [Compression#parse] feeds errors back unless told not to.
    default boolean wantsErrorFeedback() {
        return false;
    }

    /// What [Compression#parse] turns into this codec.
    String text();
}
