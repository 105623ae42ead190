package tributary.localsgd.codec;

import java.nio.ByteBuffer;
import tributary.model.data.StatelessRandom;
import tributary.tensor.Tensor;

/// **randomk**: k numbers of every chunk, drawn anew for every message; the others become 0.   Stich et al. 2018,
/// arXiv:1809.07599
///
/// The receiver draws the same places from the key, so only the numbers travel: the bytes of their own codec. With error
/// feedback they are sent as they are: E |x - y|^2 = (1 - k / c) |x|^2. Without, `enlarged` c / k times: right on average,
/// E |x - y|^2 = (c / k - 1) |x|^2. The k places of a chunk of c are drawn in one pass: selection sampling, Knuth, "The Art of
/// Computer Programming" 2, 3.4.2, algorithm S.
///
/// @param enlarged whether the kept numbers stand for those that are left out
/// @param values how the kept numbers are sent
public record RandomK(Kept kept, boolean enlarged, Codec values) implements Codec {

    public RandomK {
        requireDense("randomk", values);
    }

    static void requireDense(String name, Codec values) {
        if (values instanceof TopK || values instanceof RandomK || values instanceof Dct) {
            throw new IllegalArgumentException(
                    "codec: " + name + " cannot carry " + values.text() + "; it carries one of " + Compression.DENSE);
        }
    }

    @Override
    public long bytes(int n) {
        return values.bytes(kept.ofAll(n));
    }

    /// Called with the index of each kept number and its place in the message.
    @FunctionalInterface
    private interface Visit {
        void kept(int i, int place);
    }

    private void walk(int n, long key, Visit visit) {
        int place = 0;
        for (int from = 0; from < n; from += kept.chunk(n)) {
            int length = Math.min(kept.chunk(n), n - from);
            int missing = kept.of(length);
            for (int i = 0; i < length && missing > 0; i++) {
                if (StatelessRandom.uniform(key, from + i, 1) * (length - i) < missing) {
                    visit.kept(from + i, place++);
                    missing--;
                }
            }
        }
    }

    private float factor(int i, int n) {
        int chunk = kept.chunk(n);
        int length = Math.min(chunk, n - i / chunk * chunk);
        return enlarged ? (float) length / kept.of(length) : 1f;
    }

    @Override
    public void encode(Tensor x, long key, ByteBuffer out) {
        int n = x.elements();
        Tensor numbers = Tensor.zeros(kept.ofAll(n));
        walk(n, key, (i, place) -> numbers.set(place, factor(i, n) * x.get(i)));
        values.encode(numbers, key, out);
    }

    @Override
    public void decode(ByteBuffer in, long key, Tensor y) {
        int n = y.elements();
        Tensor numbers = Tensor.zeros(kept.ofAll(n));
        values.decode(in, key, numbers);
        y.fill(0);
        walk(n, key, (i, place) -> y.set(i, numbers.get(place)));
    }

    @Override
    public boolean wantsErrorFeedback() {
        return true;
    }

    /// The numbers are enlarged where there is no error feedback, so the text does not say it.
    @Override
    public String text() {
        return "randomk:" + kept + (values instanceof Fp32 ? "" : "+" + values.text());
    }
}
