package tributary.localsgd.codec;

import java.nio.ByteBuffer;
import tributary.tensor.Tensor;

/// **sign**: one bit a number, and the mean size of every block of 4096.   Bernstein et al. 2018, arXiv:1802.04434; with this
/// scale, and with error feedback, without which it need not converge: Karimireddy et al. 2019, arXiv:1901.09847
///
/// ```
/// y = scale sign(x),  scale = sum |x| / n        over the block; sign(0) = 1
/// ```
///
/// 4 ceil(n / 4096) + ceil(n / 8) bytes. Error: |x - y|^2 = |x|^2 - (sum |x|)^2 / n, over a block.
public record Sign() implements Codec {
    private static final int BLOCK = 4096;

    @Override
    public long bytes(int n) {
        return 4L * Math.ceilDiv(n, BLOCK) + BitWriter.bytes(n);
    }

    @Override
    public void encode(Tensor x, long key, ByteBuffer out) {
        int n = x.elements();
        for (int from = 0; from < n; from += BLOCK) {
            int to = Math.min(n, from + BLOCK);
            double sum = 0;
            for (int i = from; i < to; i++) {
                sum += Math.abs(x.get(i));
            }
            out.putFloat((float) (sum / (to - from)));
            BitWriter packed = new BitWriter(out);
            for (int i = from; i < to; i++) {
                packed.write(x.get(i) < 0 ? 1 : 0, 1);
            }
            packed.finish();
        }
    }

    @Override
    public void decode(ByteBuffer in, long key, Tensor y) {
        int n = y.elements();
        for (int from = 0; from < n; from += BLOCK) {
            int to = Math.min(n, from + BLOCK);
            float scale = in.getFloat();
            BitReader packed = new BitReader(in);
            for (int i = from; i < to; i++) {
                y.set(i, packed.read(1) == 0 ? scale : -scale);
            }
        }
    }

    @Override
    public boolean wantsErrorFeedback() {
        return true;
    }

    @Override
    public String text() {
        return "sign";
    }
}
