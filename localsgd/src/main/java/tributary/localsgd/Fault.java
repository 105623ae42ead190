package tributary.localsgd;

import java.time.Duration;
import tributary.model.NonFiniteException;

/// Why a replica takes no part in the rest of a round.
///
/// @param replica m, 0 for the first
/// @param reason for people
public record Fault(int replica, Round round, Kind kind, String reason) {

    /// What happened to it.
    public enum Kind {
        /// It threw an exception.
        FAILED,
        /// It worked for longer than it may.
        HUNG,
        /// A loss, a gradient, a parameter or a message of its own is infinite or not a number.
        NOT_FINITE
    }

    static Fault of(Replica replica, Round round, RuntimeException cause) {
        if (cause instanceof NonFiniteException) {
            return new Fault(replica.index(), round, Kind.NOT_FINITE, line(cause.getMessage()));
        }
        return new Fault(replica.index(), round, Kind.FAILED, line(cause.toString()));
    }

    static Fault hung(Replica replica, Round round, Duration limit) {
        return new Fault(replica.index(), round, Kind.HUNG, "it worked for more than " + limit.toMillis() / 1000.0 + " s");
    }

    private static String line(String text) {
        return text.lines().findFirst().orElse("no reason was given");
    }

    @Override
    public String toString() {
        return "replica " + replica + " " + switch (kind) {
            case FAILED -> "failed";
            case HUNG -> "hangs";
            case NOT_FINITE -> "computes what is not a number";
        } + " (" + reason + ")";
    }
}
