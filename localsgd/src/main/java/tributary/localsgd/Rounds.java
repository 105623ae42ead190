package tributary.localsgd;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;

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

        /// A replica takes no part in the rest of the round; it begins anew at the global parameters when the round is over.
        ///
        /// @param left how many replicas still take part
        default void dropped(Fault fault, int left) {}

        /// Theta is the result of the round.
        default void finished(Round round) {}
    }

    /// @param done rounds done by earlier sessions of this run
    /// @param steps of the whole run
    public Rounds(int done, int steps, Observer observer) {
        this.done = done;
        this.steps = steps;
        this.observer = observer;
    }

    /// T, the steps of the whole run.
    public int steps() {
        return steps;
    }

    /// The rounds still to do, of H steps each.
    public Iterable<Round> of(int localSteps) {
        return of(new LocalSteps.Constant(localSteps));
    }

    /// The rounds still to do, each with as many steps as H says at its beginning.
    public Iterable<Round> of(LocalSteps localSteps) {
        return of(() -> new Iterator<>() {
            private int first;
            private int index = 1;

            @Override
            public boolean hasNext() {
                return first < steps;
            }

            @Override
            public Round next() {
                if (!hasNext()) {
                    throw new NoSuchElementException("rounds: all " + steps + " steps are done");
                }
                Round round = new Round(index++, first, Math.min(steps, first + localSteps.at(first)));
                first = round.last();
                return round;
            }
        }, round -> round);
    }

    /// What is still to do of a plan that has something of its own to say about each round.
    ///
    /// @param plan of the whole run, the same in every session
    /// @param round the round an entry of the plan is about
    public <E> Iterable<E> of(Iterable<E> plan, Function<E, Round> round) {
        return () -> {
            Iterator<E> entries = plan.iterator();
            for (int i = 0; i < done; i++) {
                entries.next();
            }
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return entries.hasNext();
                }

                @Override
                public E next() {
                    E entry = entries.next();
                    observer.begins(round.apply(entry));
                    return entry;
                }
            };
        };
    }

    /// The algorithm calls this when theta is the result of the round.
    public void finished(Round round) {
        observer.finished(round);
    }
}
