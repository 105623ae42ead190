package tributary.localsgd.codec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Optional;
import tributary.model.NonFiniteException;
import tributary.model.data.StatelessRandom;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// One replica's line to the others: what it sends is encoded, and what arrives is what was decoded. With error feedback
/// the replica keeps what a message left out and adds it to the next. Stich et al. 2018, arXiv:1809.07599; Karimireddy et al.
/// 2019, arXiv:1901.09847; with beta below 1: Sarfi et al. 2025, arXiv:2508.15706.
///
/// ```
/// e <- beta e + x
/// y <- decode(encode(e))        what arrives
/// e <- e - y
/// ```
///
/// A message may carry a range of the flat vector; each number has an error of its own, in the same layout. What is drawn
/// at random is a function of (seed, replica, round, start of the range).
///
/// Not for several threads.
public final class Channel {
    private final Compression compression;
    private final int elements;
    private final int replica;
    private final long seed;
    private final Optional<Tensor> error;
    private ByteBuffer message = ByteBuffer.allocate(0);

    /// @param elements of the whole flat vector
    /// @param replica the sender, 0 for the first
    public Channel(Compression compression, int elements, long seed, int replica) {
        this.compression = compression;
        this.elements = elements;
        this.replica = replica;
        this.seed = StatelessRandom.bits(StatelessRandom.seed(seed, "codec"), replica, 0);
        this.error = compression.errorFeedback().isPresent() ? Optional.of(Tensor.zeros(elements)) : Optional.empty();
    }

    /// Sends a whole vector. Afterwards it holds what arrived.
    ///
    /// @param round of the message; no two messages of a round may carry the same numbers
    /// @return the bytes sent
    /// @throws NonFiniteException where a number is infinite or not a number; nothing was sent
    public long send(Tensor vector, int round) {
        return send(vector, 0, vector.elements(), round);
    }

    /// Sends a range of a vector. Afterwards the range holds what arrived; the rest is untouched.
    ///
    /// @param vector flat, as many numbers as the channel was made for
    /// @param from the first of the range
    /// @param n how many numbers it has
    /// @param round of the message; no two messages of a round may carry the same numbers
    /// @return the bytes sent
    /// @throws NonFiniteException where a number is infinite or not a number; nothing was sent
    public long send(Tensor vector, int from, int n, int round) {
        if (vector.elements() != elements) {
            throw new IllegalArgumentException("channel: a vector of " + vector.elements() + " numbers does not fit one of " + elements);
        }
        Shape shape = Shape.of(n);
        Tensor x = vector.range(from, shape);
        requireFinite(x, from);
        if (error.isEmpty()) {
            return carry(x, x, StatelessRandom.bits(seed, round, from));
        }
        Tensor e = error.get().range(from, shape);
        float beta = (float) compression.errorFeedback().getAsDouble();
        for (int i = 0; i < n; i++) {
            e.set(i, beta * e.get(i) + x.get(i));
        }
        long bytes = carry(e, x, StatelessRandom.bits(seed, round, from));
        for (int i = 0; i < n; i++) {
            e.set(i, e.get(i) - x.get(i));
        }
        return bytes;
    }

    private long carry(Tensor x, Tensor y, long key) {
        Codec codec = compression.codec();
        long bytes = codec.bytes(x.elements());
        if (codec instanceof Fp32) { // the message would be the numbers themselves
            y.set(x);
            return bytes;
        }
        if (message.capacity() < bytes) {
            message = ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
        }
        message.clear();
        codec.encode(x, key, message);
        message.flip();
        bytes = message.remaining();
        codec.decode(message, key, y);
        return bytes;
    }

    private void requireFinite(Tensor x, int from) {
        for (int i = 0; i < x.elements(); i++) {
            if (!Float.isFinite(x.get(i))) {
                throw new NonFiniteException("replica " + replica + " was to send " + x.get(i) + " as number " + (from + i));
            }
        }
    }

    /// The buffers that are its whole state between two messages: by name, the buffers themselves.
    public Map<String, Tensor> state() {
        return error.map(e -> Map.of("error", e)).orElse(Map.of());
    }
}
