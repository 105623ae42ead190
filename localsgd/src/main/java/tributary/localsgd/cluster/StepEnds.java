package tributary.localsgd.cluster;

import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/// When global steps were over, by their number, until someone asks.
final class StepEnds {
    private final TreeMap<Integer, Long> ends = new TreeMap<>();

    /// A worker is done with a step then.
    void reached(int step, long end) {
        ends.merge(step, end, Math::max);
    }

    /// The last step that anyone has done ends with an exchange.
    void exchanged(long end) {
        if (!ends.isEmpty()) {
            reached(ends.lastKey(), end);
        }
    }

    /// When a step was over, or the last one before it. That and all before are forgotten.
    ///
    /// @return empty where nothing is known of them
    OptionalLong take(int step) {
        Map.Entry<Integer, Long> end = ends.floorEntry(step);
        ends.headMap(step, true).clear();
        return end == null ? OptionalLong.empty() : OptionalLong.of(end.getValue());
    }
}
