package tributary.model.data;

/// Random draws without a state: each is a function of a seed and two coordinates, such as the step and the row.
///
/// Whoever knows the coordinates can repeat a draw, in any order, on any thread, in any process; nothing has to be saved
/// to resume. Draws for different coordinates are independent for all practical purposes: the bits go through one round
/// of a 64-bit finalizer per coordinate (David Stafford's "Mix13", as in SplitMix64: Steele, Lea and Flood 2014,
/// doi 10.1145/2660193.2660195).
public final class StatelessRandom {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private StatelessRandom() {}

    /// A seed for one purpose, such as `batches`: what different purposes draw from the same seed is independent.
    public static long seed(long seed, String purpose) {
        long derived = mix(GOLDEN + seed);
        for (int i = 0; i < purpose.length(); i++) {
            derived = mix(GOLDEN + (derived ^ purpose.charAt(i)));
        }
        return derived;
    }

    /// 64 uniform bits.
    public static long bits(long seed, long a, long b) {
        return keyed(key(seed, a), b);
    }

    /// What [#bits] of one seed and first coordinate have in common.
    static long key(long seed, long a) {
        return mix(GOLDEN + (a ^ mix(GOLDEN + seed)));
    }

    static long keyed(long key, long b) {
        return mix(GOLDEN + (b ^ key));
    }

    /// 64 more uniform bits.
    static long next(long bits) {
        return mix(bits + GOLDEN);
    }

    /// A uniform number in [0, 1), a multiple of 2^-53.
    public static double uniform(long seed, long a, long b) {
        return unit(bits(seed, a, b));
    }

    /// A uniform whole number in [0, bound), without bias. Lemire 2019, arXiv:1805.10941.
    ///
    /// @throws IllegalArgumentException where `bound` is not positive
    public static long below(long bound, long seed, long a, long b) {
        if (bound < 1) {
            throw new IllegalArgumentException("random: the bound " + bound + " is not positive");
        }
        long bits = bits(seed, a, b);
        if (Long.compareUnsigned(bits * bound, bound) < 0) {
            long rejected = Long.remainderUnsigned(-bound, bound);
            while (Long.compareUnsigned(bits * bound, rejected) < 0) {
                bits = next(bits);
            }
        }
        return Math.unsignedMultiplyHigh(bits, bound);
    }

    /// A normal number with mean 0 and variance 1, at most 8.6 in size. Box and Muller 1958. The same bits on every
    /// platform. [Gaussians] draws many.
    public static double gaussian(long seed, long a, long b) {
        long bits = bits(seed, a, b);
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - unit(bits)));
        return radius * StrictMath.cos(2 * Math.PI * unit(next(bits)));
    }

    static double unit(long bits) {
        return (bits >>> 11) * 0x1p-53;
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
