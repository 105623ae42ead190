package tributary.localsgd.codec;

import java.nio.ByteBuffer;

/// Takes from a buffer what a [BitWriter] put there. What is left of the last byte is passed over.
final class BitReader {
    private final ByteBuffer in;
    private long pending;
    private int count;

    BitReader(ByteBuffer in) {
        this.in = in;
    }

    /// @param bits 0 to 31
    int read(int bits) {
        while (count < bits) {
            pending |= (in.get() & 0xFFL) << count;
            count += 8;
        }
        int value = (int) (pending & (1L << bits) - 1);
        pending >>>= bits;
        count -= bits;
        return value;
    }
}
