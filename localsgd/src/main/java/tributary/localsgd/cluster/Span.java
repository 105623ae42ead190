package tributary.localsgd.cluster;

/// What a worker did for a while.
///
/// @param worker m
/// @param from virtual nanoseconds
/// @param to virtual nanoseconds
record Span(int worker, Activity activity, long from, long to) {}
