package tributary.localsgd.cluster;

/// What a worker did for a while.
///
/// @param worker m
/// @param from virtual nanoseconds
/// @param to virtual nanoseconds
/// @param underway whether that went on behind its back, on its line, while it did something else
record Span(int worker, Activity activity, long from, long to, boolean underway) {

    /// What the worker itself did.
    Span(int worker, Activity activity, long from, long to) {
        this(worker, activity, from, to, false);
    }

    long nanos() {
        return to - from;
    }
}
