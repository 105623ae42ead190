package tributary.localsgd;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.OptionalLong;

/// The rounds of an algorithm whose replicas do not wait for each other: each ends at a moment of virtual time, the last one
/// when all steps are done.
///
/// @param <E> what the algorithm has to say about a round
abstract class Timetable<E> implements Iterator<E> {
    private final Pace pace;
    private final int steps;
    private int index = 1;
    private int first;
    private boolean over;

    /// @param steps global steps of the whole run
    Timetable(Pace pace, int steps) {
        this.pace = pace;
        this.steps = steps;
    }

    /// When the next round would end if the run went on for ever, milliseconds.
    abstract long nextEnd();

    /// What there is to say about the round that [#nextEnd] announced.
    ///
    /// @param time at which it ends, milliseconds
    /// @param last whether the run ends with it
    abstract E entry(Round round, long time, boolean last);

    @Override
    public boolean hasNext() {
        return !over;
    }

    @Override
    public E next() {
        if (over) {
            throw new NoSuchElementException("timetable: all " + steps + " steps are done");
        }
        long end = pace.endOf(steps);
        long next = nextEnd();
        over = next >= end;
        long time = over ? end : next;
        Round round = new Round(index++, first, over ? steps : pace.globalStepsAt(time), OptionalLong.of(time));
        first = round.last();
        return entry(round, time, over);
    }
}
