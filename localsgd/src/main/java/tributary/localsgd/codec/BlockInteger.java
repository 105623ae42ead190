package tributary.localsgd.codec;

import java.nio.ByteBuffer;
import tributary.tensor.Tensor;

/// **int8, int4**: whole numbers from -L to L, L = 127 or 7, times one scale for every block of 256 numbers.
/// Blocks: Dettmers et al. 2022, arXiv:2110.02861. Stochastic rounding: QSGD, Alistarh et al. 2017, arXiv:1610.02132.
///
/// ```
/// scale = max |x| / L         over the block
/// q = round(x / scale)        y = scale q
/// ```
///
/// A block is its scale as float32 and its q + L, packed: 4 ceil(n / 256) + ceil(bits n / 8) bytes. Error: at most scale / 2
/// nearest; below scale, and 0 on average, stochastic.
///
/// @param bits 8 or 4
public record BlockInteger(int bits, Rounding rounding) implements Codec {
    private static final int BLOCK = 256;

    public BlockInteger {
        if (bits != 8 && bits != 4) {
            throw new IllegalArgumentException("codec: integers of " + bits + " bits are not known; 8 and 4 are");
        }
    }

    private int largest() {
        return (1 << bits - 1) - 1;
    }

    @Override
    public long bytes(int n) {
        return 4L * Math.ceilDiv(n, BLOCK) + BitWriter.bytes((long) bits * n);
    }

    @Override
    public void encode(Tensor x, long key, ByteBuffer out) {
        int L = largest();
        int n = x.elements();
        for (int from = 0; from < n; from += BLOCK) {
            int to = Math.min(n, from + BLOCK);
            float most = 0;
            for (int i = from; i < to; i++) {
                most = Math.max(most, Math.abs(x.get(i)));
            }
            float scale = most / L;
            out.putFloat(scale);
            BitWriter packed = new BitWriter(out);
            for (int i = from; i < to; i++) {
                double q = scale == 0 ? 0 : rounding.round((double) x.get(i) / scale, key, i);
                packed.write((int) Math.clamp(q, -L, L) + L, bits); // the scale, itself rounded, may be a little too small
            }
            packed.finish();
        }
    }

    @Override
    public void decode(ByteBuffer in, long key, Tensor y) {
        int L = largest();
        int n = y.elements();
        for (int from = 0; from < n; from += BLOCK) {
            int to = Math.min(n, from + BLOCK);
            float scale = in.getFloat();
            BitReader packed = new BitReader(in);
            for (int i = from; i < to; i++) {
                y.set(i, scale * (packed.read(bits) - L));
            }
        }
    }

    @Override
    public String text() {
        return rounding.text("int" + bits, Rounding.NEAREST);
    }
}
