package tributary.localsgd.cluster;

/// A line to the others.
///
/// A message of n bytes takes `latency + jitter u + 8 n / (rate (1 - loss))` seconds, u uniform in [0, 1) and drawn for each
/// message: what is lost is sent again, in the mean 1 / (1 - loss) times.
///
/// @param up bits a second towards the others, infinity for no limit
/// @param down bits a second from them, infinity for no limit
/// @param latency seconds, one way
/// @param jitter seconds, the most that a message may be later
/// @param loss share of what is sent that does not arrive, in [0, 1)
public record Link(double up, double down, double latency, double jitter, double loss) {

    public Link {
        check(up > 0, "up", up, "give bits a second, such as 1e9");
        check(down > 0, "down", down, "give bits a second, such as 1e9");
        check(latency >= 0 && latency < Double.POSITIVE_INFINITY, "latency", latency, "give seconds, such as 0.02");
        check(jitter >= 0 && jitter < Double.POSITIVE_INFINITY, "jitter", jitter, "give seconds, such as 0.005");
        check(loss >= 0 && loss < 1, "loss", loss, "give a share from 0 to less than 1, such as 0.01");
    }

    /// No limit and no latency.
    public static Link ideal() {
        return new Link(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, 0, 0, 0);
    }

    /// This line and then another one, which so many share evenly.
    ///
    /// ```
    /// rate = min(this rate, other rate / sharers);   latency, jitter: sums;   1 - loss = (1 - loss)(1 - other loss)
    /// ```
    public Link throughShared(Link other, int sharers) {
        return new Link(
                Math.min(up, other.up / sharers), Math.min(down, other.down / sharers), latency + other.latency,
                jitter + other.jitter, 1 - (1 - loss) * (1 - other.loss));
    }

    /// Bits a second up that arrive.
    double goodUp() {
        return up * (1 - loss);
    }

    /// Bits a second down that arrive.
    double goodDown() {
        return down * (1 - loss);
    }

    private static void check(boolean holds, String name, double value, String mend) {
        if (!holds) {
            throw new IllegalArgumentException(name + " " + value + " cannot be; " + mend);
        }
    }
}
