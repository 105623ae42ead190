package tributary.localsgd.cluster;

import java.util.List;
import tributary.model.data.StatelessRandom;

/// How long messages take on the lines of a cluster, in nanoseconds, where nothing stops them: latency, jitter drawn for each
/// exchange of a worker, and size over rate.
final class Lines {
    private static final int UP = 0;
    private static final int DOWN = 1;

    private final Cluster cluster;
    private final List<WorkerClock> workers;
    private final long seed;

    Lines(Cluster cluster, List<WorkerClock> workers) {
        this.cluster = cluster;
        this.workers = workers;
        this.seed = StatelessRandom.seed(cluster.seed(), "jitter");
    }

    /// From a worker to where all meet.
    ///
    /// @param together all that take part, itself among them
    long up(int m, List<Integer> together, long bytes) {
        return latencyUp(m, together) + nanos(8 * bytes / line(m, together).goodUp());
    }

    /// From there to a worker.
    long down(int m, List<Integer> together, long bytes) {
        return latencyDown(m, together) + nanos(8 * bytes / line(m, together).goodDown());
    }

    long latencyUp(int m, List<Integer> together) {
        return latency(m, line(m, together), UP);
    }

    long latencyDown(int m, List<Integer> together) {
        return latency(m, line(m, together), DOWN);
    }

    /// Around the ring, for all of them.
    long around(List<Integer> together, List<Long> messages, long dense) {
        long latency = 0;
        double seconds = 0;
        for (int i = 0; i < together.size(); i++) {
            Link line = line(together.get(i), together);
            latency = Math.max(latency, latencyUp(together.get(i), together));
            seconds = Math.max(seconds, 8 * cluster.exchange().sent(messages, i, dense) / Math.min(line.goodUp(), line.goodDown()));
        }
        return Exchange.turns(messages, dense) * latency + nanos(seconds);
    }

    /// Between two, there and back at the same time.
    long gossip(int a, long bytesOfA, int b, long bytesOfB) {
        List<Integer> both = List.of(a, b);
        Link lineOfA = line(a, both);
        Link lineOfB = line(b, both);
        return nanos(Exchange.gossipSeconds(bytesOfA, lineOfA, bytesOfB, lineOfB)) + jitter(a, lineOfA, UP) + jitter(b, lineOfB, UP);
    }

    Link line(int m, List<Integer> together) {
        return cluster.line(m, together);
    }

    private long latency(int m, Link link, int direction) {
        return nanos(link.latency()) + jitter(m, link, direction);
    }

    private long jitter(int m, Link link, int direction) {
        return nanos(link.jitter() * StatelessRandom.uniform(seed, m, 2 * workers.get(m).exchanges() + direction));
    }

    static long nanos(double seconds) {
        return Outages.nanos(seconds);
    }
}
