package tributary.localsgd;

import java.util.Iterator;
import java.util.NoSuchElementException;

/// The rounds of one run, and what happens between them. The first synchronisation comes after exactly H steps; where
/// H does not divide the steps, the last round is shorter.
public final class Rounds {
    private final int done;
    private final int steps;
    private final Observer observer;

    /// What a run does around its rounds: it logs, evaluates, saves.
    public interface Observer {
        /// The replicas are about to begin a round.
        default void begins(Round round) {}

        /// Theta is the result of the round.
        default void finished(Round round) {}
    }

    /// @param done steps done by earlier sessions of this run, at the end of a round
    /// @param steps of the whole run
    public Rounds(int done, int steps, Observer observer) {
        this.done = done;
        this.steps = steps;
        this.observer = observer;
    }

    /// The rounds still to do, of H steps each.
    public Iterable<Round> of(int localSteps) {
        return () -> new Iterator<>() {
            private int first = done;

            @Override
            public boolean hasNext() {
                return first < steps;
            }

            @Override
            public Round next() {
                if (!hasNext()) {
                    throw new NoSuchElementException("rounds: all " + steps + " steps are done");
                }
                Round round = new Round(first / localSteps + 1, first, Math.min(steps, first + localSteps));
                first = round.last();
                observer.begins(round);
                return round;
            }
        };
    }

    /// The algorithm calls this when theta is the result of the round.
    public void finished(Round round) {
        observer.finished(round);
    }

    static int checkLocalSteps(int localSteps) {
        if (localSteps < 1) {
            throw new IllegalArgumentException("local-steps " + localSteps + " is not positive; 1 synchronises after every step");
        }
        return localSteps;
    }
}
