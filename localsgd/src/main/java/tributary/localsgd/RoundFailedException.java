package tributary.localsgd;

/// A round could not end whole and was rolled back: the global parameters, the algorithm and all replicas are as they were at its
/// beginning. The message is one line: which round, why.
public final class RoundFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// Steps done before the round, and after it is rolled back.
    private final int step;

    RoundFailedException(Round round, String reason) {
        super("round " + round.index() + ", steps " + (round.first() + 1) + " to " + round.last() + ", was rolled back: " + reason);
        step = round.first();
    }

    /// Where the run stands again: the steps done before the round.
    public int step() {
        return step;
    }
}
