package tributary.localsgd;

import java.time.Duration;
import java.util.Optional;

/// What a replica group does about replicas that fail, hang or compute what is not a number.
///
/// @param quorum the fewest replicas that a round may end with; all of them for a group in which none may fail
/// @param limit how long a replica may work in a row before it counts as hung; empty for as long as it takes
public record Tolerance(int quorum, Optional<Duration> limit) {

    public Tolerance {
        if (quorum < 1) {
            throw new IllegalArgumentException("quorum " + quorum + " is not positive; a round needs at least one replica");
        }
        if (limit.isPresent() && !limit.get().isPositive()) {
            throw new IllegalArgumentException(
                    "round-limit of " + limit.get().toMillis() / 1000.0 + " s is not positive; leave it out for none");
        }
    }

    /// Every replica of a group is needed, and has all the time it wants.
    public static Tolerance none(int replicas) {
        return new Tolerance(replicas, Optional.empty());
    }
}
