package tributary.localsgd.codec;

import java.math.BigDecimal;

/// How many numbers a sparse message keeps, and of how many.
public sealed interface Kept {

    /// A share of all numbers of the message, at least one.
    ///
    /// @param share in (0, 1]
    record Share(double share) implements Kept {
        public Share {
            if (!(share > 0 && share <= 1)) {
                throw new IllegalArgumentException("codec: a share of " + share + " is not in (0, 1]; 0.01 is customary");
            }
        }

        @Override
        public int chunk(int n) {
            return n;
        }

        @Override
        public int of(int length) {
            return Math.max(1, (int) Math.round(share * length));
        }

        @Override
        public String toString() {
            return new BigDecimal(Double.toString(share)).stripTrailingZeros().toPlainString();
        }
    }

    /// So many of every chunk; of the shorter last one in proportion, at least one.
    ///
    /// @param k in 1 .. chunk
    record PerChunk(int k, int chunk) implements Kept {
        public PerChunk {
            if (!(k >= 1 && k <= chunk)) {
                throw new IllegalArgumentException("codec: " + k + " of every " + chunk + " cannot be kept; 32/4096 is customary");
            }
        }

        @Override
        public int chunk(int n) {
            return Math.min(n, chunk);
        }

        @Override
        public int of(int length) {
            return length == chunk ? k : Math.max(1, (int) Math.round((double) k * length / chunk));
        }

        @Override
        public String toString() {
            return k + "/" + chunk;
        }
    }

    /// The length of a chunk of a message of `n` numbers.
    int chunk(int n);

    /// How many of a chunk's numbers are kept.
    ///
    /// @param length of the chunk
    int of(int length);

    /// How many of `n` numbers are kept.
    default int ofAll(int n) {
        int chunk = chunk(n);
        int rest = n % chunk;
        return n / chunk * of(chunk) + (rest == 0 ? 0 : of(rest));
    }

    /// `0.02` or `32/4096`.
    ///
    /// @throws IllegalArgumentException where the text is neither
    static Kept parse(String text) {
        int slash = text.indexOf('/');
        try {
            return slash < 0 ? new Share(Double.parseDouble(text))
                    : new PerChunk(Integer.parseInt(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("codec: '" + text + "' does not say how many numbers to keep; 0.01 or 32/4096 would", e);
        }
    }
}
