package tributary.localsgd.codec;

import java.nio.ByteBuffer;
import java.util.Arrays;
import tributary.tensor.Tensor;

/// **topk**: the k numbers of every chunk that are largest in size, with their places; the others become 0.
/// Aji and Heafield 2017, arXiv:1704.05021. In chunks and with its values quantised: SparseLoCo, Sarfi et al. 2025,
/// arXiv:2508.15706.
///
/// A chunk of c numbers has k places of ceil(log2 c) bits, rising; of equal sizes the earlier is kept. All chunks' places are
/// packed together: ceil(sum of k ceil(log2 c) / 8) bytes, then all kept numbers in the bytes of their own codec. Error:
/// |x - y|^2 <= (1 - k / c) |x|^2 over a chunk, where the values are exact.
///
/// Differs from the paper: chunks are neighbours in the flat vector, not tiles of 64 x 64 of one matrix.
///
/// @param values how the kept numbers are sent
public record TopK(Kept kept, Codec values) implements Codec {

    public TopK {
        RandomK.requireDense("topk", values);
    }

    @Override
    public long bytes(int n) {
        return placesBytes(n) + values.bytes(kept.ofAll(n));
    }

    private long placesBytes(int n) {
        int chunk = kept.chunk(n);
        int rest = n % chunk;
        long bits = (long) (n / chunk) * kept.of(chunk) * placeBits(chunk);
        if (rest > 0) {
            bits += (long) kept.of(rest) * placeBits(rest);
        }
        return BitWriter.bytes(bits);
    }

    private static int placeBits(int length) {
        return 32 - Integer.numberOfLeadingZeros(length - 1);
    }

    @Override
    public void encode(Tensor x, long key, ByteBuffer out) {
        int n = x.elements();
        Tensor numbers = Tensor.zeros(kept.ofAll(n));
        int[] histogram = new int[1 << 11];
        BitWriter places = new BitWriter(out);
        int next = 0;
        for (int from = 0; from < n; from += kept.chunk(n)) {
            int length = Math.min(kept.chunk(n), n - from);
            int k = kept.of(length);
            int least = kthLargestSize(x, from, length, k, histogram);
            int equal = k; // how many of the least size are kept
            for (int i = 0; i < length; i++) {
                equal -= size(x, from + i) > least ? 1 : 0;
            }
            for (int i = 0; i < length; i++) {
                int size = size(x, from + i);
                if (size > least || size == least && equal-- > 0) {
                    places.write(i, placeBits(length));
                    numbers.set(next++, x.get(from + i));
                }
            }
        }
        places.finish();
        values.encode(numbers, key, out);
    }

    /// The bits of |x|, which are in the order of |x|.
    private static int size(Tensor x, int i) {
        return Float.floatToRawIntBits(x.get(i)) & 0x7FFF_FFFF;
    }

    /// Finds it from its highest bits down: a histogram of the next 11 or 10 bits says which they are.
    private static int kthLargestSize(Tensor x, int from, int length, int k, int[] histogram) {
        int found = 0;
        int known = 0;
        int rank = k;
        for (int shift = 20; shift >= 0; shift -= 10) {
            int digits = (shift == 20 ? 1 << 11 : 1 << 10) - 1;
            Arrays.fill(histogram, 0);
            for (int i = from; i < from + length; i++) {
                int size = size(x, i);
                if ((size & known) == found) {
                    histogram[size >>> shift & digits]++;
                }
            }
            int digit = digits;
            while (rank > histogram[digit]) {
                rank -= histogram[digit--];
            }
            found |= digit << shift;
            known |= digits << shift;
        }
        return found;
    }

    @Override
    public void decode(ByteBuffer in, long key, Tensor y) {
        int n = y.elements();
        Tensor numbers = Tensor.zeros(kept.ofAll(n));
        BitReader places = new BitReader(in.duplicate());
        in.position(in.position() + Math.toIntExact(placesBytes(n)));
        values.decode(in, key, numbers);
        y.fill(0);
        int next = 0;
        for (int from = 0; from < n; from += kept.chunk(n)) {
            int length = Math.min(kept.chunk(n), n - from);
            for (int j = 0; j < kept.of(length); j++) {
                y.set(from + places.read(placeBits(length)), numbers.get(next++));
            }
        }
    }

    @Override
    public boolean wantsErrorFeedback() {
        return true;
    }

    @Override
    public String text() {
        return "topk:" + kept + (values instanceof Fp32 ? "" : "+" + values.text());
    }
}
