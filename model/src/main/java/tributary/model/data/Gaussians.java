package tributary.model.data;

/// Many normal numbers in float32, of neighbouring coordinates: `(float) (deviation * StatelessRandom.gaussian(seed, a, b))` to the
/// bit each, about eight times as fast as one by one.
///
/// A shorter computation leaves no doubt about the rounding of all but some in a hundred thousand; those take the long way. It goes
/// over a block step by step, in loops so plain that the compiler makes vectors of them. For one thread at a time.
public final class Gaussians {
    /// Numbers drawn together: their intermediate results stay in the first cache.
    static final int BLOCK = 512;
    /// More than [#near] is ever off by: at most 8.6 times 4.4e-14 from the cosine and 1.7e-14 from the root.
    private static final double NEARLY = 1e-12;

    private final long[] index = new long[BLOCK];
    private final long[] bits = new long[BLOCK];
    private final double[] radius = new double[BLOCK];
    private final double[] exponent = new double[BLOCK];
    private final double[] turn = new double[BLOCK];
    private final float[] low = new float[BLOCK];
    private final float[] high = new float[BLOCK];

    public Gaussians() {
        for (int i = 0; i < BLOCK; i++) {
            index[i] = i;
        }
    }

    /// Draws the numbers of the coordinates (a, b), (a, b + 1), ...
    public void fill(float[] to, int at, int count, double deviation, long seed, long a, long b) {
        for (int done = 0; done < count; done += BLOCK) {
            block(to, at + done, Math.min(BLOCK, count - done), deviation, seed, a, b + done);
        }
    }

    private void block(float[] to, int at, int count, double deviation, long seed, long a, long b) {
        double[] near = near(seed, a, b);
        round(near, deviation, -NEARLY, low);
        round(near, deviation, NEARLY, high);
        System.arraycopy(low, 0, to, at, count);
        if (gap(low, high) > 0) {
            for (int i = 0; i < count; i++) {
                if (low[i] != high[i]) {
                    to[at + i] = (float) (deviation * StatelessRandom.gaussian(seed, a, b + i));
                }
            }
        }
    }

    /// A block of numbers within [#NEARLY] of [StatelessRandom#gaussian], with deviation 1.
    double[] near(long seed, long a, long b) {
        bits(index, b, StatelessRandom.key(seed, a), bits);
        units(bits, radius);
        next(bits);
        units(bits, turn);
        scale(radius, exponent);
        radius(exponent, radius);
        timesCosine(turn, radius);
        return radius;
    }

    private static void bits(long[] index, long first, long key, long[] bits) {
        for (int i = 0; i < BLOCK; i++) {
            bits[i] = StatelessRandom.keyed(key, index[i] + first);
        }
    }

    private static void next(long[] bits) {
        for (int i = 0; i < BLOCK; i++) {
            bits[i] = StatelessRandom.next(bits[i]);
        }
    }

    private static void units(long[] bits, double[] units) {
        for (int i = 0; i < BLOCK; i++) {
            units[i] = StatelessRandom.unit(bits[i]);
        }
    }

    /// Replaces u by m in [0.7, 1.4], where 1 - u = 2^exponent m.
    private static void scale(double[] u, double[] exponent) {
        for (int i = 0; i < BLOCK; i++) {
            long raw = Double.doubleToRawLongBits(1 - u[i]);
            long e = raw - 0x3FE6A09E667F3BCDL >> 52; // how often 1 - u is above the root of 1/2
            u[i] = Double.longBitsToDouble(raw - (e << 52));
            exponent[i] = e;
        }
    }

    /// Replaces m by the root of -2 ln(2^exponent m). The logarithm is exponent ln 2 + 2 (s + s^3 / 3 + s^5 / 5 + ...) with
    /// s = (m - 1) / (m + 1); what is left out is below 3.4e-14 of the sum.
    private static void radius(double[] exponent, double[] m) {
        for (int i = 0; i < BLOCK; i++) {
            double s = (m[i] - 1) / (m[i] + 1);
            double z = s * s;
            double tail = 1 / 9.0 + z * (1 / 11.0 + z * (1 / 13.0 + z * (1 / 15.0)));
            double log = exponent[i] * 0.6931471805599453
                    + 2 * s * (1 + z * (1 / 3.0 + z * (1 / 5.0 + z * (1 / 7.0 + z * tail))));
            m[i] = Math.sqrt(-2 * log);
        }
    }

    /// Multiplies by cos(2 pi u) for u in [0, 1), as the sine of what is left to a quarter turn: x - x^3 / 3! + ... to the 17th power.
    /// What is left out is below 4.4e-14.
    private static void timesCosine(double[] u, double[] radius) {
        for (int i = 0; i < BLOCK; i++) {
            double x = 2 * Math.PI * (Math.abs(u[i] - 0.5) - 0.25);
            double z = x * x;
            double tail = 1 / 362880.0 - z * (1 / 39916800.0 - z * (1 / 6227020800.0 - z * (1 / 1307674368e3 - z * (1 / 355687428096e3))));
            radius[i] *= x * (1 - z * (1 / 6.0 - z * (1 / 120.0 - z * (1 / 5040.0 - z * tail))));
        }
    }

    private static void round(double[] near, double deviation, double off, float[] rounded) {
        for (int i = 0; i < BLOCK; i++) {
            rounded[i] = (float) (deviation * (near[i] + off));
        }
    }

    private static float gap(float[] low, float[] high) {
        float widest = 0;
        for (int i = 0; i < BLOCK; i++) {
            widest = Math.max(widest, Math.abs(high[i] - low[i]));
        }
        return widest;
    }
}
