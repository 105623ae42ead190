package tributary.localsgd.codec;

import java.nio.ByteBuffer;
import tributary.tensor.Tensor;

/// **fp4**, E3M0: a sign and three bits of exponent, no mantissa: 0 and seven powers of two to each side.   Streaming DiLoCo,
/// Douillard et al. 2025, arXiv:2501.18512. Every block of 32 numbers has an exponent of its own in one more byte, as in the
/// microscaling formats: Rouhani et al. 2023, arXiv:2310.10537.
///
/// ```
/// y in {0, +-2^(E-6), +-2^(E-5), ..., +-2^E},  E the exponent that max |x| of the block rounds to
/// ```
///
/// ceil(n / 32) + ceil(n / 2) bytes. Error: at most max(|x| / 3, max |x| / 96) nearest; 0 on average stochastic. Exponents
/// below -127 count as 0, above 127 as 127.
///
/// Differs from the paper: it does not say how its numbers are scaled.
public record Fp4(Rounding rounding) implements Codec {
    private static final int BLOCK = 32;
    private static final int BIAS = 127;
    private static final int LEVELS = 7;

    @Override
    public long bytes(int n) {
        return (long) Math.ceilDiv(n, BLOCK) + BitWriter.bytes(4L * n);
    }

    @Override
    public void encode(Tensor x, long key, ByteBuffer out) {
        int n = x.elements();
        for (int from = 0; from < n; from += BLOCK) {
            int to = Math.min(n, from + BLOCK);
            float most = 0;
            for (int i = from; i < to; i++) {
                most = Math.max(most, Math.abs(x.get(i)));
            }
            int E = exponent(most);
            out.put((byte) (E + BIAS));
            double smallest = Math.scalb(1.0, E - LEVELS + 1);
            BitWriter packed = new BitWriter(out);
            for (int i = from; i < to; i++) {
                int level = E == -BIAS ? 0 : level(Math.abs(x.get(i)) / smallest, key, i);
                packed.write(level | (x.get(i) < 0 ? 8 : 0), 4);
            }
            packed.finish();
        }
    }

    /// The exponent of the greatest level: no number of a block lies above it by more than rounding takes away.
    private int exponent(float most) {
        if (most < 0x1p-126f) {
            return -BIAS;
        }
        int exponent = Math.getExponent(most);
        double mantissa = Math.scalb((double) most, -exponent); // in [1, 2)
        boolean up = rounding == Rounding.NEAREST ? mantissa >= 1.5 : mantissa > 1;
        return Math.min(BIAS, up ? exponent + 1 : exponent);
    }

    /// 0, or one more than the exponent that `x`, in units of the smallest level, rounds to.
    private int level(double x, long key, int i) {
        if (x < 1) {
            return (int) rounding.round(x, key, i);
        }
        int exponent = Math.getExponent(x);
        int share = (int) rounding.round(Math.scalb(x, -exponent) - 1, key, i); // 0 for this power of two, 1 for the next
        return Math.min(LEVELS, exponent + 1 + share);
    }

    @Override
    public void decode(ByteBuffer in, long key, Tensor y) {
        int n = y.elements();
        for (int from = 0; from < n; from += BLOCK) {
            int to = Math.min(n, from + BLOCK);
            int E = (in.get() & 0xFF) - BIAS;
            BitReader packed = new BitReader(in);
            for (int i = from; i < to; i++) {
                int code = packed.read(4);
                int level = code & 7;
                float size = level == 0 ? 0 : Math.scalb(1f, E - LEVELS + level);
                y.set(i, code < 8 ? size : -size);
            }
        }
    }

    @Override
    public String text() {
        return rounding.text("fp4", Rounding.NEAREST);
    }
}
