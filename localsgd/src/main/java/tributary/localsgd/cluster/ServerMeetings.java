package tributary.localsgd.cluster;

import java.util.Arrays;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import tributary.localsgd.Pace;

/// When the steps of replicas end that wait for nobody: each takes its steps, sends what it has to a server, has the parameters
/// back, and goes on; or never stops. It depends on speeds, lines and failures and on nothing that is learned, so that it can
/// be simulated before a run begins.
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
        return simulate(cluster, steps, localSteps, clock, (m, end) -> clock.meetServer(m, bytes, dense));
    }

    /// The pace of replicas that never stop, whatever is underway.
    ///
    /// @param steps of the run
    /// @param savesEvery steps after which a worker writes down its state
    /// @throws IllegalArgumentException where a worker leaves for good
    public static Pace restless(Cluster cluster, int steps, int savesEvery) {
        VirtualClock clock = new VirtualClock(cluster, OptionalInt.of(savesEvery));
        int[] localSteps = cluster.workers().stream().mapToInt(worker -> savesEvery).toArray();
        return simulate(cluster, steps, localSteps, clock, (m, end) -> end);
    }

    /// What follows on a worker's last step before it goes on.
    private interface Meeting {
        /// @param end of the step, nanoseconds
        /// @return when the step counts as over
        long over(int m, long end);
    }

    private static Pace simulate(Cluster cluster, int steps, int[] localSteps, VirtualClock clock, Meeting meeting) {
        long[][] ends = new long[localSteps.length][0];
        long taken = 0;
        while (true) {
            int last = IntStream.range(0, ends.length).boxed().min((a, b) -> Long.compare(end(ends[a]), end(ends[b]))).orElseThrow();
            long everyone = end(ends[last]);
            long enough = (long) steps * ends.length;
            if (taken >= enough && Arrays.stream(ends).flatMapToLong(LongStream::of).filter(end -> end <= everyone).count() >= enough) {
                return nominal(cluster).simulated(ends);
            }
            long[] own = Arrays.copyOf(ends[last], ends[last].length + localSteps[last]);
            for (int i = ends[last].length; i < own.length; i++) {
                own[i] = clock.simulateStep(last, i + 1);
            }
            own[own.length - 1] = meeting.over(last, own[own.length - 1]);
            ends[last] = own;
            taken += localSteps[last];
        }
    }

    private static long end(long[] ends) {
        return ends.length == 0 ? 0 : ends[ends.length - 1];
    }
}
