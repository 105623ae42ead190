package tributary.localsgd.codec;

import java.nio.ByteBuffer;
import tributary.tensor.Tensor;

/// **fp16**: IEEE 754's binary16, 11 bits of precision, rounded to the nearest.   As OpenDiLoCo sends it: Jaghouar et al. 2024,
/// arXiv:2407.07852
///
/// 2 n bytes. Error: at most max(|x| / 2048, 2^-25) up to 65504; greater numbers become 65504.
public record Fp16() implements Codec {
    private static final float LARGEST = 65504f;

    @Override
    public long bytes(int n) {
        return 2L * n;
    }

    @Override
    public void encode(Tensor x, long key, ByteBuffer out) {
        for (int i = 0; i < x.elements(); i++) {
            out.putShort(Float.floatToFloat16(Math.clamp(x.get(i), -LARGEST, LARGEST)));
        }
    }

    @Override
    public void decode(ByteBuffer in, long key, Tensor y) {
        for (int i = 0; i < y.elements(); i++) {
            y.set(i, Float.float16ToFloat(in.getShort()));
        }
    }

    @Override
    public String text() {
        return "fp16";
    }
}
