package tributary.tensor.check;

/// Which elements dropout keeps: a pure function of (seed, index), the same in every backend.
///
/// Element i is kept where the upper 24 bits of `hash(firstKey(seed), secondKey(seed), i)` are at least
/// `threshold(p)`. The hash is two rounds of multiply and xor-shift on 32-bit integers (the multipliers and shifts of
/// Chris Wellons's lowbias32), so that backends can hash a vector of indices at once.
public final class DropoutPattern {
    /// The multiplier of the first round.
    public static final int FIRST_MULTIPLIER = 0x7FEB352D;
    /// The multiplier of the second round.
    public static final int SECOND_MULTIPLIER = 0x846CA68B;

    private DropoutPattern() {}

    /// The half of the seed that enters before the first round.
    public static int firstKey(long seed) {
        return (int) spread(seed);
    }

    /// The half of the seed that enters before the second round.
    public static int secondKey(long seed) {
        return (int) (spread(seed) >>> 32);
    }

    /// The smallest 24-bit number that is kept, where the share `p` is dropped.
    public static int threshold(float p) {
        return (int) (p * (1 << 24));
    }

    /// A 32-bit number for element i.
    public static int hash(int firstKey, int secondKey, int i) {
        int h = i ^ firstKey;
        h = (h ^ h >>> 16) * FIRST_MULTIPLIER;
        h = (h ^ h >>> 15 ^ secondKey) * SECOND_MULTIPLIER;
        return h ^ h >>> 16;
    }

    /// Whether element i is kept.
    public static boolean keeps(int firstKey, int secondKey, int threshold, int i) {
        return hash(firstKey, secondKey, i) >>> 8 >= threshold;
    }

    /// What a kept element is multiplied by, so that the mean stays.
    public static float keptScale(float p) {
        return (float) (1 / (1 - (double) p));
    }

    // Neighbouring seeds must not give neighbouring keys.
    private static long spread(long seed) {
        long z = seed * 0x9E3779B97F4A7C15L;
        z = (z ^ z >>> 32) * 0xD6E8FEB86659FD93L;
        return z ^ z >>> 32;
    }
}
