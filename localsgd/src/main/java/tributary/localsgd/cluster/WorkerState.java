package tributary.localsgd.cluster;

import java.util.List;

/// Where a worker of a virtual cluster stands.
///
/// @param now at its last exchange, nanoseconds
/// @param work since, nanoseconds
/// @param out whether it takes no part in the round
/// @param busy until when its line is, nanoseconds
/// @param underway how long messages were while it did something else, nanoseconds
/// @param exchanges that it took part in
/// @param totals nanoseconds of each activity
public record WorkerState(long now, long work, boolean out, long busy, long underway, long exchanges, List<Long> totals) {}
