package tributary.localsgd.cluster;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import tributary.localsgd.Pace;

/// When replicas arrive that wait for nobody: each takes its steps, sends what it has to a server, has the parameters back, and goes on.
/// It depends on speeds, lines and failures and on nothing that is learned, so that it can be simulated before a run begins.
public final class ServerMeetings {
    private ServerMeetings() {}

    /// How long steps take on average, in milliseconds.
    public static Pace nominal(Cluster cluster) {
        return new Pace(cluster.workers().stream()
                .mapToLong(worker -> Math.max(1, Math.round(1000 * cluster.stepSeconds() / worker.speed().mean()))).toArray());
    }

    /// The pace of a run: a step after which a replica arrives ends when its message is there.
    ///
    /// @param steps of the run
    /// @param localSteps of each replica between two arrivals
    /// @param bytes of a message
    /// @param dense bytes of the parameters in float32
    /// @throws IllegalArgumentException where a worker leaves for good
    public static Pace pace(Cluster cluster, int steps, int[] localSteps, long bytes, long dense) {
        VirtualClock clock = new VirtualClock(cluster);
        int M = localSteps.length;
        long[][] ends = new long[M][0];
        long taken = 0;
        while (true) {
            int last = IntStream.range(0, M).boxed().min((a, b) -> Long.compare(end(ends[a]), end(ends[b]))).orElseThrow();
            long everyone = end(ends[last]);
            long enough = (long) steps * M;
            if (taken >= enough && Arrays.stream(ends).flatMapToLong(LongStream::of).filter(end -> end <= everyone).count() >= enough) {
                return nominal(cluster).simulated(ends);
            }
            long[] own = Arrays.copyOf(ends[last], ends[last].length + localSteps[last]);
            for (int i = ends[last].length; i < own.length; i++) {
                own[i] = clock.simulateStep(last, i + 1);
            }
            own[own.length - 1] = clock.meetServer(last, bytes, dense);
            ends[last] = own;
            taken += localSteps[last];
        }
    }

    private static long end(long[] ends) {
        return ends.length == 0 ? 0 : ends[ends.length - 1];
    }
}
