package tributary.localsgd;

import java.util.List;

/// How long messages take between a server and replicas that go on meanwhile, in the moments of a [Pace]. It depends on nothing
/// that is learned. One post serves one run, from its beginning, because messages may hold up later ones.
public interface Post {
    /// It does not happen.
    long NEVER = Long.MAX_VALUE;

    /// When a note without size is at the server.
    ///
    /// @param time when it leaves the replica, or [#NEVER]
    long note(int replica, long time);

    /// The server asks replicas for a message each, and sends all of them its answer when it has the last.
    Answer collect(long asked, List<Integer> replicas);

    /// @param merged when the server has the last message
    /// @param back when each of the replicas, as they were asked, has the answer
    record Answer(long merged, List<Long> back) {}

    /// That takes no time.
    static Post immediate() {
        return new Post() {
            @Override
            public long note(int replica, long time) {
                return time;
            }

            @Override
            public Answer collect(long asked, List<Integer> replicas) {
                return new Answer(asked, replicas.stream().map(m -> asked).toList());
            }
        };
    }
}
