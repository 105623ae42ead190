package tributary.model.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import tributary.model.tokenizer.MergeTable.Merge;

/// Words as ids, and how often each pair of neighbours occurs in them.
///
/// Counts are kept up to date by what a merge changes, and the next pair comes from a heap whose stale counts are put
/// right when they come up: a merge costs as much as there are words it stands in.
final class PairCounts {
    /// A pair's occurrences: how many, and the words that have had it.
    private static final class Pair {
        private long count;
        private int[] words = new int[2];
        private int size;

        void addWord(int word) {
            if (size > 0 && words[size - 1] == word) {
                return;
            }
            if (size == words.length) {
                words = Arrays.copyOf(words, 2 * size);
            }
            words[size++] = word;
        }
    }

    /// A pair that waits to be merged; the first of all is merged first.
    record Candidate(long count, long pair) implements Comparable<Candidate> {
        int left() {
            return (int) (pair >>> Integer.SIZE);
        }

        int right() {
            return (int) pair;
        }

        @Override
        public int compareTo(Candidate other) {
            return count != other.count ? Long.compare(other.count, count) : Long.compare(pair, other.pair);
        }
    }

    /// The words, one after the other, as ids; what merges free stays unused.
    private final int[] ids;
    private final int[] starts;
    private final int[] ends;
    private final long[] counts;

    private final Map<Long, Pair> pairs = new HashMap<>();
    private final PriorityQueue<Candidate> queue = new PriorityQueue<>();
    /// Pairs the latest merge has made.
    private final Set<Long> fresh = new LinkedHashSet<>();

    PairCounts(Map<String, long[]> words, int[] idOfByte) {
        int bytes = Math.toIntExact(words.keySet().stream().mapToLong(word -> word.getBytes(StandardCharsets.UTF_8).length).sum());
        this.ids = new int[bytes];
        this.starts = new int[words.size()];
        this.ends = new int[words.size()];
        this.counts = new long[words.size()];
        int word = 0;
        int at = 0;
        for (Map.Entry<String, long[]> entry : words.entrySet()) {
            starts[word] = at;
            counts[word] = entry.getValue()[0];
            for (byte value : entry.getKey().getBytes(StandardCharsets.UTF_8)) {
                ids[at++] = idOfByte[Byte.toUnsignedInt(value)];
            }
            ends[word++] = at;
        }
        countAll();
    }

    private void countAll() {
        for (int word = 0; word < starts.length; word++) {
            for (int i = starts[word] + 1; i < ends[word]; i++) {
                add(ids[i - 1], ids[i], word);
            }
        }
        queueFresh();
    }

    /// The pair that occurs most often; of several the one with the smaller left id, then the smaller right id.
    Optional<Candidate> next() {
        while (!queue.isEmpty()) {
            Candidate candidate = queue.remove();
            Pair pair = pairs.get(candidate.pair);
            if (pair != null && pair.count == candidate.count) {
                return Optional.of(candidate);
            }
            if (pair != null) {
                queue.add(new Candidate(pair.count, candidate.pair));
            }
        }
        return Optional.empty();
    }

    /// Puts `result` wherever the pair stands.
    void merge(int left, int right, int result) {
        Pair merged = pairs.remove(Merge.pair(left, right));
        for (int i = 0; i < merged.size; i++) {
            mergeIn(merged.words[i], left, right, result);
        }
        queueFresh();
    }

    /// Merges from left to right in one word.
    private void mergeIn(int word, int left, int right, int result) {
        int to = starts[word];
        int end = ends[word];
        for (int from = to; from < end;) {
            if (from + 1 < end && ids[from] == left && ids[from + 1] == right) {
                if (to > starts[word]) {
                    remove(ids[to - 1], left, word);
                    add(ids[to - 1], result, word);
                }
                if (from + 2 < end) {
                    remove(right, ids[from + 2], word);
                    add(result, ids[from + 2], word);
                }
                ids[to++] = result;
                from += 2;
            } else {
                ids[to++] = ids[from++];
            }
        }
        ends[word] = to;
    }

    private void add(int left, int right, int word) {
        long key = Merge.pair(left, right);
        Pair pair = pairs.computeIfAbsent(key, _ -> new Pair());
        pair.count += counts[word];
        pair.addWord(word);
        fresh.add(key);
    }

    private void remove(int left, int right, int word) {
        long key = Merge.pair(left, right);
        Pair pair = pairs.get(key);
        if (pair != null) { // the pair that is being merged is gone already
            pair.count -= counts[word];
            if (pair.count == 0) {
                pairs.remove(key);
            }
        }
    }

    private void queueFresh() {
        for (long key : fresh) {
            Pair pair = pairs.get(key);
            if (pair != null) {
                queue.add(new Candidate(pair.count, key));
            }
        }
        fresh.clear();
    }
}
