package tributary.localsgd.codec;

import java.nio.ByteBuffer;
import tributary.tensor.Tensor;

/// **fp32**: the numbers as they are. 4 n bytes, no error.
public record Fp32() implements Codec {

    @Override
    public long bytes(int n) {
        return (long) Float.BYTES * n;
    }

    @Override
    public void encode(Tensor x, long key, ByteBuffer out) {
        for (int i = 0; i < x.elements(); i++) {
            out.putFloat(x.get(i));
        }
    }

    @Override
    public void decode(ByteBuffer in, long key, Tensor y) {
        for (int i = 0; i < y.elements(); i++) {
            y.set(i, in.getFloat());
        }
    }

    @Override
    public String text() {
        return "fp32";
    }
}
