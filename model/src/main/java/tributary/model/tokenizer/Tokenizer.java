package tributary.model.tokenizer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.format.FormatException;
import tributary.model.json.JsonFile;

/// Turns text into ids and ids into text.
///
/// A tokenizer is kept as `tokenizer.json`, in the layout of Hugging Face's `tokenizers`: that library reads the file and
/// gives the same ids.
public sealed interface Tokenizer permits CharacterTokenizer, ByteTokenizer {
    /// The name of the file.
    String FILE = "tokenizer.json";

    /// What settings call it: `char` or `byte`.
    String name();

    /// V: every id is in [0, V).
    int vocabularySize();

    /// Gives the ids of a text to `into`, one after the other.
    ///
    /// @throws IllegalArgumentException where the text holds what the vocabulary does not
    void encode(CharSequence text, IntConsumer into);

    /// The ids of a text.
    ///
    /// @throws IllegalArgumentException where the text holds what the vocabulary does not
    default int[] encode(CharSequence text) {
        IntStream.Builder ids = IntStream.builder();
        encode(text, ids);
        return ids.build().toArray();
    }

    /// A decoder for ids that come one at a time.
    StreamDecoder decoder();

    /// The text of ids. Ids that do not make sense together, such as half a UTF-8 sequence, give U+FFFD.
    ///
    /// @throws IllegalArgumentException where an id is not in [0, V)
    default String decode(int... ids) {
        StringBuilder text = new StringBuilder();
        StreamDecoder decoder = decoder();
        for (int id : ids) {
            text.append(decoder.accept(id));
        }
        return text.append(decoder.end()).toString();
    }

    /// Writes `tokenizer.json` into a folder.
    void save(Path folder) throws IOException;

    /// Reads `tokenizer.json` from a folder.
    ///
    /// @throws FormatException where it is missing, malformed, or describes a tokenizer that is not one of these
    static Tokenizer load(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        ObjectNode root = JsonFile.read(file);
        String type = root.path("model").path("type").asString("none");
        return switch (type) {
            case CharacterTokenizer.MODEL -> CharacterTokenizer.read(file, root);
            case ByteTokenizer.MODEL -> ByteTokenizer.read(file, root);
            default -> throw new FormatException(file + ": tokenizer model " + type + " is not supported; the supported ones are "
                    + CharacterTokenizer.MODEL + " over single characters and " + ByteTokenizer.MODEL + " over bytes without merges");
        };
    }
}
