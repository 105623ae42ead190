package tributary.localsgd.watch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Everything the page is told, in order. Each client reads it at its own pace from its own position, so that one that reads
/// slowly, or not at all, costs nobody anything.
///
/// An event is kept for whoever comes later, under a number of its own. Of a state only the latest counts: it has no number and is
/// told once to each client that has not heard it.
final class EventLog implements AutoCloseable {
    private static final int MOST_AT_ONCE = 64;

    /// One of the stream.
    ///
    /// @param id where a client that has read it goes on from, none for a state
    record Event(Optional<String> id, String name, String data) {}

    private record State(long version, String data) {}

    /// How far a client has read.
    static final class Position {
        private int events;
        private long states;
        private boolean begins = true;
    }

    private final String name;
    private final List<Event> events = new ArrayList<>();
    private final Map<String, State> states = new LinkedHashMap<>();
    private long version;
    private boolean closed;

    /// @param name of this log among all others; an id of another log is no position in this one
    EventLog(String name) {
        this.name = name;
    }

    synchronized void add(String event, JsonNode data) {
        events.add(new Event(Optional.of(name + "-" + (events.size() + 1)), event, data.toString()));
        notifyAll();
    }

    /// Says how something stands now.
    synchronized void state(String subject, JsonNode data) {
        State before = states.get(subject);
        String text = data.toString();
        if (before == null || !before.data.equals(text)) {
            states.put(subject, new State(++version, text));
            notifyAll();
        }
    }

    /// Where a client begins to read: after the event it names, or at the beginning.
    synchronized Position after(Optional<String> id) {
        Position position = new Position();
        String prefix = name + "-";
        if (id.isPresent() && id.get().startsWith(prefix) && id.get().substring(prefix.length()).matches("\\d{1,9}")) {
            int number = Integer.parseInt(id.get().substring(prefix.length()));
            position.begins = number > events.size();
            position.events = position.begins ? 0 : number;
        }
        return position;
    }

    /// What comes next, at most a few dozen events; waits for it if need be. Moves the position.
    ///
    /// @return empty where nothing came in time
    synchronized List<Event> next(Position position, Duration most) throws InterruptedException {
        long deadline = System.nanoTime() + most.toNanos();
        while (!closed && !position.begins && position.events == events.size() && position.states == version) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return List.of();
            }
            wait(left / 1_000_000 + 1);
        }
        List<Event> next = new ArrayList<>();
        if (position.begins) { // what the client may have of another log does not count
            next.add(new Event(Optional.empty(), "begin", "{}"));
            position.begins = false;
        }
        int to = Math.min(events.size(), position.events + MOST_AT_ONCE);
        next.addAll(events.subList(position.events, to));
        position.events = to;
        if (to == events.size()) {
            for (State state : states.values()) {
                if (state.version > position.states) {
                    next.add(new Event(Optional.empty(), "state", state.data));
                }
            }
            position.states = version;
        }
        return next;
    }

    /// Whether a client that has read so far has read all there will be.
    synchronized boolean isOver(Position position) {
        return closed && position.events == events.size() && position.states == version;
    }

    /// Nothing more is going to come.
    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }
}
