package tributary.localsgd.cluster;

/// What a round does when one of its workers fails.
///
/// A worker that fails while its message, or the answer, is underway delays it where everyone waits, and else fails after it; a
/// line that is cut meanwhile delays it.
public sealed interface OnFailure {

    /// Everyone waits until it is repaired and has done the round's steps again, from what it had written down at the last
    /// exchange: the run ends with the same numbers as without failures, later.
    record Wait() implements OnFailure {}

    /// It is dropped from the round: the others merge without it, as if there were so many fewer of them. It takes the global
    /// parameters when a round begins after its repair; what a crash cost it besides (the moments of its optimizer, errors that its
    /// codec had kept) begins anew. A worker whose line is cut when its message should leave is dropped too, and keeps these.
    ///
    /// @param quorum workers that a round needs: with fewer left, those that are repaired and ready first are waited for, as in
    ///     [Wait]
    record Drop(int quorum) implements OnFailure {
        public Drop {
            if (quorum < 1) {
                throw new IllegalArgumentException("quorum " + quorum + " is not positive; 1 is enough for a round");
            }
        }
    }
}
