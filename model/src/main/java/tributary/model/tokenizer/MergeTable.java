package tributary.model.tokenizer;

import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;

/// Merges by rank, and what they make of a word. Merges are added in order: the first goes first.
final class MergeTable {

    /// Two tokens side by side and the token of both together.
    record Merge(int left, int right, int result) {
        static long pair(int left, int right) {
            return (long) left << Integer.SIZE | right;
        }
    }

    private record Ranked(int rank, int result) {}

    private final Map<Long, Ranked> ranks = new HashMap<>();
    private int size;

    void add(Merge merge) {
        ranks.put(Merge.pair(merge.left, merge.right), new Ranked(size++, merge.result));
    }

    /// Merges until nothing is left to merge, of equal pairs the leftmost first; n log n also for a word of a million bytes.
    ///
    /// @param ids overwritten
    int[] merged(int[] ids) {
        int length = ids.length;
        int[] previous = new int[length];
        int[] next = new int[length];
        // A pair by rank, then by place: the next to merge.
        PriorityQueue<Long> queue = new PriorityQueue<>();
        for (int i = 0; i < length; i++) {
            previous[i] = i - 1;
            next[i] = i + 1;
            offer(queue, ids, i, next[i]);
        }
        int left = length;
        while (!queue.isEmpty()) {
            long candidate = queue.remove();
            int at = (int) candidate;
            int second = next[at];
            Ranked merge = ids[at] < 0 || second == length ? null : ranks.get(Merge.pair(ids[at], ids[second]));
            if (merge == null || merge.rank != candidate >>> Integer.SIZE) {
                continue; // one of the two has been merged since
            }
            ids[at] = merge.result;
            ids[second] = -1;
            next[at] = next[second];
            if (next[at] < length) {
                previous[next[at]] = at;
            }
            left--;
            if (previous[at] >= 0) {
                offer(queue, ids, previous[at], at);
            }
            offer(queue, ids, at, next[at]);
        }
        int[] merged = new int[left];
        for (int i = 0, at = 0; at < length; at = next[at]) {
            merged[i++] = ids[at];
        }
        return merged;
    }

    private void offer(PriorityQueue<Long> queue, int[] ids, int at, int second) {
        Ranked merge = second == ids.length ? null : ranks.get(Merge.pair(ids[at], ids[second]));
        if (merge != null) {
            queue.add((long) merge.rank << Integer.SIZE | at);
        }
    }
}
