package tributary.localsgd.codec;

import java.nio.ByteBuffer;

/// Appends whole numbers of a few bits each to a buffer, lowest bit first.
final class BitWriter {
    private final ByteBuffer out;
    private long pending;
    private int count;

    BitWriter(ByteBuffer out) {
        this.out = out;
    }

    /// The bytes that so many bits fill.
    static long bytes(long bits) {
        return (bits + 7) / 8;
    }

    /// @param bits 0 to 31, no more than `value` has
    void write(int value, int bits) {
        pending |= (long) value << count;
        count += bits;
        while (count >= 8) {
            out.put((byte) pending);
            pending >>>= 8;
            count -= 8;
        }
    }

    /// Fills the last byte with zeros.
    void finish() {
        if (count > 0) {
            out.put((byte) pending);
            pending = 0;
            count = 0;
        }
    }
}
