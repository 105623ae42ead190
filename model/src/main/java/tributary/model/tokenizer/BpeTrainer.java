package tributary.model.tokenizer;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import tributary.model.tokenizer.MergeTable.Merge;

/// Learns a [BpeTokenizer] from texts: the 256 bytes are its first tokens, in the order of GPT-2's ids; then, as long as the
/// vocabulary has room, the pair of neighbours that occurs most often, counted inside words over all texts, becomes a
/// token, and is merged wherever it stands. Sennrich, Haddow and Birch 2016, arXiv:1508.07909, algorithm 1.
///
/// Of pairs that occur equally often the one with the smaller left id goes first, and of those the one with the smaller
/// right id: the rule of Hugging Face's `tokenizers`, whose `BpeTrainer` makes the same merges from the same texts (with the
/// byte-level alphabet as its initial alphabet and each text as one sequence).
public final class BpeTrainer {
    private final int vocabularySize;
    private final long leastCount;

    /// @param vocabularySize V; fewer come out where the texts have no more pairs to merge
    /// @param leastCount how often a pair has to occur
    /// @throws IllegalArgumentException where V has no room for the 256 bytes
    public BpeTrainer(int vocabularySize, long leastCount) {
        if (vocabularySize < ByteLevel.BYTES) {
            throw new IllegalArgumentException("vocab-size " + vocabularySize + " is too small: the bytes alone are " + ByteLevel.BYTES);
        }
        if (leastCount < 1) {
            throw new IllegalArgumentException("min-frequency " + leastCount + " is not positive; use 1 or more");
        }
        this.vocabularySize = vocabularySize;
        this.leastCount = leastCount;
    }

    /// Learns from texts.
    ///
    /// @param progress hears how many tokens there are
    public BpeTokenizer train(Iterable<String> texts, IntConsumer progress) {
        WordCounts words = new WordCounts();
        texts.forEach(words::add);
        return train(words, progress);
    }

    /// Learns from the words of texts.
    ///
    /// @param progress hears how many tokens there are
    public BpeTokenizer train(WordCounts words, IntConsumer progress) {
        List<byte[]> tokens = new ArrayList<>();
        Map<String, Integer> known = new HashMap<>();
        int[] idOfByte = new int[ByteLevel.BYTES];
        for (int value : ByteLevel.order()) {
            idOfByte[value] = tokens.size();
            known.put(ByteLevel.name(value), tokens.size());
            tokens.add(new byte[] {(byte) value});
        }
        PairCounts pairs = new PairCounts(words.all(), idOfByte);
        List<Merge> merges = new ArrayList<>();
        while (tokens.size() < vocabularySize) {
            Optional<PairCounts.Candidate> best = pairs.next().filter(candidate -> candidate.count() >= leastCount);
            if (best.isEmpty()) {
                break;
            }
            int left = best.get().left();
            int right = best.get().right();
            byte[] token = ByteBuffer.allocate(tokens.get(left).length + tokens.get(right).length)
                    .put(tokens.get(left)).put(tokens.get(right)).array();
            // Two pairs may spell the same token.
            int result = known.computeIfAbsent(ByteLevel.name(token), _ -> tokens.size());
            if (result == tokens.size()) {
                tokens.add(token);
            }
            merges.add(new Merge(left, right, result));
            pairs.merge(left, right, result);
            progress.accept(tokens.size());
        }
        return new BpeTokenizer(tokens, merges, List.of());
    }
}
