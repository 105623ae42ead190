package tributary.localsgd.codec;

import java.nio.ByteBuffer;
import tributary.tensor.Tensor;

/// **dct**: the cosine transform of every chunk of neighbours, sent by another codec.   DeMo, Peng et al. 2024, arXiv:2411.19870
///
/// ```
/// X[k] = s(k) sum over i of x[i] cos(pi (2 i + 1) k / (2 c))        s(0) = sqrt(1 / c), else sqrt(2 / c)
/// ```
///
/// This is the orthonormal DCT-II: the error of the coefficients is the error of the numbers. The last chunk may be shorter and is
/// transformed at its own length. As many bytes as the coefficients take; c multiplications a number.
///
/// Differs from the paper: chunks are neighbours in the flat vector, not tiles of one matrix, and have one dimension.
///
/// @param chunk c
/// @param coefficients how they are sent
public record Dct(int chunk, Codec coefficients) implements Codec {

    public Dct {
        if (chunk < 2) {
            throw new IllegalArgumentException("codec: a cosine transform of chunks of " + chunk + " does nothing; 64 is customary");
        }
    }

    @Override
    public long bytes(int n) {
        return coefficients.bytes(n);
    }

    @Override
    public void encode(Tensor x, long key, ByteBuffer out) {
        Tensor transformed = x.copy();
        transform(transformed, false);
        coefficients.encode(transformed, key, out);
    }

    @Override
    public void decode(ByteBuffer in, long key, Tensor y) {
        coefficients.decode(in, key, y);
        transform(y, true);
    }

    private void transform(Tensor x, boolean inverse) {
        int n = x.elements();
        int c = Math.min(chunk, n);
        double[] whole = basis(c);
        double[] spent = new double[c];
        for (int from = 0; from < n; from += c) {
            int length = Math.min(c, n - from);
            double[] basis = length == c ? whole : basis(length);
            for (int i = 0; i < length; i++) {
                spent[i] = x.get(from + i);
            }
            for (int i = 0; i < length; i++) {
                double sum = 0;
                for (int j = 0; j < length; j++) {
                    sum += spent[j] * (inverse ? basis[j * length + i] : basis[i * length + j]);
                }
                x.set(from + i, (float) sum);
            }
        }
    }

    /// (k, i). Its inverse is its transpose. The same bits on every platform.
    private static double[] basis(int length) {
        double[] basis = new double[length * length];
        for (int k = 0; k < length; k++) {
            double s = StrictMath.sqrt((k == 0 ? 1.0 : 2.0) / length);
            for (int i = 0; i < length; i++) {
                basis[k * length + i] = s * StrictMath.cos(Math.PI * (2 * i + 1) * k / (2 * length));
            }
        }
        return basis;
    }

    @Override
    public boolean wantsErrorFeedback() {
        return coefficients.wantsErrorFeedback();
    }

    @Override
    public String text() {
        return "dct:" + chunk + "+" + coefficients.text();
    }
}
