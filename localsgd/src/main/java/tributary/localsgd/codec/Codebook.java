package tributary.localsgd.codec;

import java.nio.ByteBuffer;
import java.util.Arrays;
import tributary.tensor.Tensor;

/// **int8-codebook, 2bit**: 256 or 4 bins around the mean of a block, and a codebook of what the numbers in each bin are on
/// average.   INTELLECT-1, Jaghouar et al. 2024, arXiv:2412.01152
///
/// ```
/// width = 2 r sigma / bins
/// bin(x) = floor((x - mean) / width) + bins / 2        clamped to 0 .. bins - 1
/// codebook[b] = mean of the x with bin(x) = b          y = codebook[bin(x)]
/// ```
///
/// With 8 bits r = 6 and a block has 2^18 numbers. With 2 bits r = 2, which puts the borders at the mean and one sigma to both
/// sides, where a normal distribution's best four levels have them to 2 % (Max 1960, doi 10.1109/TIT.1960.1057548), and a block
/// has 4096 numbers: the parts of a model differ in size.
///
/// A block is its codebook in float32 and its bins, packed: 4 bins ceil(n / block) + ceil(bits n / 8) bytes. Error: below one
/// width for numbers within r sigma of the mean; the squared errors of a block sum to at most its n sigma^2. Unbiased over a
/// block, not for a single number.
///
/// @param bits 8 or 2
public record Codebook(int bits) implements Codec {

    public Codebook {
        if (bits != 8 && bits != 2) {
            throw new IllegalArgumentException("codec: codebooks of " + bits + " bits are not known; 8 and 2 are");
        }
    }

    private int bins() {
        return 1 << bits;
    }

    private int block() {
        return bits == 8 ? 1 << 18 : 4096;
    }

    private int sigmas() {
        return bits == 8 ? 6 : 2;
    }

    @Override
    public long bytes(int n) {
        return (long) Float.BYTES * bins() * Math.ceilDiv(n, block()) + BitWriter.bytes((long) bits * n);
    }

    @Override
    public void encode(Tensor x, long key, ByteBuffer out) {
        double[] sums = new double[bins()];
        int[] counts = new int[bins()];
        int n = x.elements();
        for (int from = 0; from < n; from += block()) {
            int to = Math.min(n, from + block());
            Bins bins = bins(x, from, to);
            Arrays.fill(sums, 0);
            Arrays.fill(counts, 0);
            for (int i = from; i < to; i++) {
                int bin = bins.of(x.get(i));
                sums[bin] += x.get(i);
                counts[bin]++;
            }
            for (int bin = 0; bin < sums.length; bin++) {
                out.putFloat(counts[bin] == 0 ? 0 : (float) (sums[bin] / counts[bin]));
            }
            BitWriter packed = new BitWriter(out);
            for (int i = from; i < to; i++) {
                packed.write(bins.of(x.get(i)), bits);
            }
            packed.finish();
        }
    }

    private record Bins(double mean, double width, int count) {
        int of(float x) {
            double steps = width == 0 ? 0 : Math.floor((x - mean) / width);
            return (int) Math.clamp(steps + count / 2, 0, count - 1);
        }
    }

    private Bins bins(Tensor x, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += x.get(i);
        }
        double mean = sum / (to - from);
        double squares = 0;
        for (int i = from; i < to; i++) {
            squares += (x.get(i) - mean) * (x.get(i) - mean);
        }
        double sigma = Math.sqrt(squares / (to - from));
        return new Bins(mean, 2 * sigmas() * sigma / bins(), bins());
    }

    @Override
    public void decode(ByteBuffer in, long key, Tensor y) {
        float[] codebook = new float[bins()];
        int n = y.elements();
        for (int from = 0; from < n; from += block()) {
            int to = Math.min(n, from + block());
            for (int bin = 0; bin < codebook.length; bin++) {
                codebook[bin] = in.getFloat();
            }
            BitReader packed = new BitReader(in);
            for (int i = from; i < to; i++) {
                y.set(i, codebook[packed.read(bits)]);
            }
        }
    }

    @Override
    public String text() {
        return bits == 8 ? "int8-codebook" : "2bit";
    }
}
