package tributary.model.data;

/// Random draws without a state: each is a function of a seed and two coordinates, such as the step and the row.
///
/// Whoever knows the coordinates can repeat a draw, in any order, on any thread, in any process; nothing has to be saved
/// to resume. Draws for different coordinates are independent for all practical purposes: the bits go through one round
/// of a 64-bit finalizer per coordinate (David Stafford's "Mix13", as in SplitMix64: Steele, Lea and Flood 2014,
/// doi 10.1145/2660193.2660195).
public final class StatelessRandom {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    /// More than [#nearlyGaussian] is ever off by: at most 8.6 times 4.4e-14 from the cosine and 1.7e-14 from the root.
    private static final double NEARLY = 1e-12;

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
        return mix(GOLDEN + (b ^ mix(GOLDEN + (a ^ mix(GOLDEN + seed)))));
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
                bits = mix(bits + GOLDEN);
            }
        }
        return Math.unsignedMultiplyHigh(bits, bound);
    }

    /// A normal number with mean 0 and variance 1, at most 8.6 in size. Box and Muller 1958. The same bits on every
    /// platform.
    public static double gaussian(long seed, long a, long b) {
        long bits = bits(seed, a, b);
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - unit(bits)));
        return radius * StrictMath.cos(2 * Math.PI * unit(mix(bits + GOLDEN)));
    }

    /// A normal number of a given deviation in float32: `(float) (deviation * gaussian(seed, a, b))` to the bit, but faster.
    ///
    /// A shorter computation leaves no doubt about the rounding in all but a few of a thousand cases; those take the long way.
    public static float gaussian(double deviation, long seed, long a, long b) {
        double near = nearlyGaussian(seed, a, b);
        float low = (float) (deviation * (near - NEARLY));
        float high = (float) (deviation * (near + NEARLY));
        return low == high ? low : (float) (deviation * gaussian(seed, a, b));
    }

    static double nearlyGaussian(long seed, long a, long b) {
        long bits = bits(seed, a, b);
        return Math.sqrt(-2 * nearlyLog(1 - unit(bits))) * nearlyCosine(unit(mix(bits + GOLDEN)));
    }

    /// ln x = e ln 2 + 2 (s + s^3 / 3 + s^5 / 5 + ...), where x = 2^e m and s = (m - 1) / (m + 1), for m in [0.7, 1.4]. What
    /// is left out is below 3.4e-14 of the sum.
    private static double nearlyLog(double x) {
        long raw = Double.doubleToRawLongBits(x);
        long e = raw - 0x3FE6A09E667F3BCDL >> 52; // how often x is above the root of 1/2
        double m = Double.longBitsToDouble(raw - (e << 52));
        double s = (m - 1) / (m + 1);
        double z = s * s;
        double tail = 1 / 9.0 + z * (1 / 11.0 + z * (1 / 13.0 + z * (1 / 15.0)));
        return e * 0.6931471805599453 + 2 * s * (1 + z * (1 / 3.0 + z * (1 / 5.0 + z * (1 / 7.0 + z * tail))));
    }

    /// cos(2 pi u) for u in [0, 1), as the sine of what is left to a quarter turn: x - x^3 / 3! + ... to the 17th power. What
    /// is left out is below 4.4e-14.
    private static double nearlyCosine(double u) {
        double x = 2 * Math.PI * (Math.abs(u - 0.5) - 0.25);
        double z = x * x;
        double tail = 1 / 362880.0 - z * (1 / 39916800.0 - z * (1 / 6227020800.0 - z * (1 / 1307674368e3 - z * (1 / 355687428096e3))));
        return x * (1 - z * (1 / 6.0 - z * (1 / 120.0 - z * (1 / 5040.0 - z * tail))));
    }

    private static double unit(long bits) {
        return (bits >>> 11) * 0x1p-53;
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
