package tributary.localsgd.cluster;

import java.util.List;

/// How workers come to a mean. Message m has n_m bytes; a vector in float32 has D = 4 P; R workers take part.
///
/// `SERVER`, a parameter server: everyone sends n_m up; when all have arrived, everyone gets the other messages, or their mean
/// in float32 where that is shorter, min(sum - n_m, D), down.
///
/// ```
/// arrival_m = leave_m + latency_m + 8 n_m / up_m;   merge = max arrival;   end_m = merge + latency_m + 8 back_m / down_m
/// ```
///
/// `RING`: everyone waits for everyone, then all pass on what they have around a ring. Float32 is summed on the way, in 2 (R - 1)
/// turns of D / R bytes each, which is the least that an all-reduce can take (Patarasuk and Yuan 2009,
/// doi 10.1016/j.jpdc.2008.09.002); encoded messages cannot be summed and go all the way round, in R - 1 turns.
///
/// ```
/// time = turns latency + 8 sent / rate,   sent = 2 (R - 1) / R D,  or  sum - smallest n   (the slowest line counts)
/// ```
public enum Exchange {
    SERVER, RING;

    /// Seconds from when everyone is ready until everyone has the result, by the formulas above, without jitter.
    ///
    /// @param messages bytes that each worker has to send
    /// @param dense D, bytes of the result in float32
    /// @param lines of the workers, as many as messages
    public double seconds(List<Long> messages, long dense, List<Link> lines) {
        int R = messages.size();
        if (R == 1) {
            return 0;
        }
        double latency = 0;
        double up = 0;
        double down = 0;
        double around = 0;
        for (int m = 0; m < R; m++) {
            Link line = lines.get(m);
            latency = Math.max(latency, line.latency());
            up = Math.max(up, line.latency() + 8 * sent(messages, m, dense) / line.goodUp());
            down = Math.max(down, line.latency() + 8 * received(messages, m, dense) / line.goodDown());
            around = Math.max(around, 8 * sent(messages, m, dense) / Math.min(line.goodUp(), line.goodDown()));
        }
        return switch (this) {
            case SERVER -> up + down;
            case RING -> turns(messages, dense) * latency + around;
        };
    }

    /// Seconds in which two workers that are ready send each other a message, without jitter: both at the same time, each
    /// through both lines. It moves 2 (n_a + n_b) bytes, sent and received.
    ///
    /// ```
    /// time = latency_a + latency_b + max(8 n_a / min(up_a, down_b), 8 n_b / min(up_b, down_a))
    /// ```
    public static double gossipSeconds(long bytesOfA, Link a, long bytesOfB, Link b) {
        double there = 8 * bytesOfA / Math.min(a.goodUp(), b.goodDown());
        double back = 8 * bytesOfB / Math.min(b.goodUp(), a.goodDown());
        return a.latency() + b.latency() + Math.max(there, back);
    }

    /// Bytes that worker m sends.
    long sent(List<Long> messages, int m, long dense) {
        return switch (this) {
            case SERVER -> messages.get(m);
            case RING -> around(messages, dense);
        };
    }

    /// Bytes that worker m receives.
    long received(List<Long> messages, int m, long dense) {
        return switch (this) {
            case SERVER -> Math.min(sum(messages) - messages.get(m), dense);
            case RING -> around(messages, dense);
        };
    }

    /// Turns of a ring.
    static int turns(List<Long> messages, long dense) {
        return summed(messages, dense) ? 2 * (messages.size() - 1) : messages.size() - 1;
    }

    private static long around(List<Long> messages, long dense) {
        int R = messages.size();
        if (summed(messages, dense)) {
            return Math.ceilDiv(2 * (R - 1) * dense, R);
        }
        return sum(messages) - messages.stream().mapToLong(Long::longValue).min().orElseThrow();
    }

    private static boolean summed(List<Long> messages, long dense) {
        return messages.stream().allMatch(bytes -> bytes == dense);
    }

    private static long sum(List<Long> messages) {
        return messages.stream().mapToLong(Long::longValue).sum();
    }
}
