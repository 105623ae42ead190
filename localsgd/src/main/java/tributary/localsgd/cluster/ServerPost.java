package tributary.localsgd.cluster;

import java.util.Collections;
import java.util.List;
import tributary.localsgd.Post;

/// Messages between a server and the workers of a cluster, simulated before a run begins: on an own clock, as
/// [VirtualClock#collect] lets them pass when the run is there.
public final class ServerPost implements Post {
    private final VirtualClock clock;
    private final long bytes;
    private final long dense;

    /// @param bytes of a message
    /// @param dense bytes of the parameters in float32
    public ServerPost(Cluster cluster, long bytes, long dense) {
        this.clock = new VirtualClock(cluster);
        this.bytes = bytes;
        this.dense = dense;
    }

    @Override
    public long note(int replica, long time) {
        return time == NEVER ? NEVER : clock.note(replica, time);
    }

    @Override
    public Answer collect(long asked, List<Integer> replicas) {
        return clock.collect(replicas, Collections.nCopies(replicas.size(), bytes), dense, asked, 0);
    }
}
