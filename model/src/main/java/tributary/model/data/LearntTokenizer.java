package tributary.model.data;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import tributary.model.tokenizer.BpeTokenizer;
import tributary.model.tokenizer.BpeTrainer;
import tributary.model.tokenizer.WordCounts;

/// A tokenizer, and the text it has been learnt from.
///
/// @param description a few words for people: what the text is
/// @param remarks whole lines for people: what was left out, what would be better
/// @param bytes how many the text takes as UTF-8
public record LearntTokenizer(BpeTokenizer tokenizer, String description, List<String> remarks, long bytes) {

    /// Learns from all text of some sources. Not the text is held in memory but its words, each once.
    ///
    /// @param sources each as [TextSource] describes them
    /// @param progress hears how many tokens there are
    /// @throws DataException where there is no such text
    public static LearntTokenizer from(List<String> sources, BpeTrainer trainer, IntConsumer progress) throws DataException {
        WordCounts words = new WordCounts();
        List<String> descriptions = new ArrayList<>();
        List<String> remarks = new ArrayList<>();
        long[] bytes = new long[1];
        for (TextStream text : TextSource.streams(sources)) {
            TextStream.Reading reading = text.each(Cutting.at(WordCounts::lastCut), piece -> {
                words.add(piece.text());
                bytes[0] += Utf8.length(piece.text());
            });
            descriptions.add(reading.description());
            remarks.addAll(reading.remarks());
        }
        return new LearntTokenizer(trainer.train(words, progress), String.join("; ", descriptions), List.copyOf(remarks), bytes[0]);
    }
}
