package tributary.localsgd.codec;

import java.nio.ByteBuffer;
import tributary.model.data.StatelessRandom;
import tributary.tensor.Tensor;

/// **bf16**: the upper half of a float32, 8 bits of precision.   Wang and Kanwar 2019, "BFloat16: the secret to high
/// performance on Cloud TPUs"; rounded stochastically unless told otherwise.
///
/// 2 n bytes. Error: below |x| / 128 stochastic, at most |x| / 256 nearest, for |x| above 2^-126. Numbers that would round to
/// infinity become the largest finite one.
public record Bf16(Rounding rounding) implements Codec {
    private static final int LARGEST = 0x7F7F;

    @Override
    public long bytes(int n) {
        return 2L * n;
    }

    @Override
    public void encode(Tensor x, long key, ByteBuffer out) {
        for (int i = 0; i < x.elements(); i++) {
            int bits = Float.floatToRawIntBits(x.get(i));
            int magnitude = bits & 0x7FFF_FFFF;
            int carry = switch (rounding) {
                case NEAREST -> 0x7FFF + (magnitude >>> 16 & 1);
                case STOCHASTIC -> (int) (StatelessRandom.bits(key, i, 0) >>> 48);
            };
            int rounded = Math.min(LARGEST, magnitude + carry >>> 16);
            out.putShort((short) (bits >>> 31 << 15 | rounded));
        }
    }

    @Override
    public void decode(ByteBuffer in, long key, Tensor y) {
        for (int i = 0; i < y.elements(); i++) {
            y.set(i, Float.intBitsToFloat(in.getShort() << 16));
        }
    }

    @Override
    public String text() {
        return rounding.text("bf16", Rounding.STOCHASTIC);
    }
}
