package tributary.model.tokenizer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.format.DurableFile;
import tributary.model.format.FormatException;
import tributary.model.json.JsonFile;

/// Turns text into ids and ids into text.
///
/// A tokenizer is kept as `tokenizer.json`, in the layout of Hugging Face's `tokenizers`: that library reads the file and
/// gives the same ids.
public sealed interface Tokenizer permits CharacterTokenizer, ByteTokenizer, BpeTokenizer {
    /// The name of the file.
    String FILE = "tokenizer.json";

    /// Its kind: `char`, `byte` or `bpe`.
    String name();

    /// V: every id is in [0, V).
    int vocabularySize();

    /// Gives the ids of a text to `into`, one after the other.
    ///
    /// @throws IllegalArgumentException where the text holds what the vocabulary does not
    void encode(CharSequence text, IntConsumer into);

    /// The last place at which a text can be cut: whatever follows the text, the ids of what is before that place and of what is
    /// after it are together those of the whole. 0 where there is no such place.
    default int lastCut(String text) {
        int length = text.length();
        return length > 0 && Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length;
    }

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

    /// The content of `tokenizer.json`. Equal tokenizers have equal texts.
    String json();

    /// The SHA-256 of [#json]: equal where text has the same ids and ids the same text.
    default String sha256() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(json().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException("every Java has SHA-256", absent);
        }
    }

    /// Writes `tokenizer.json` into a folder, and the small file beside it that tells `transformers` to take it as it is.
    default void save(Path folder) throws IOException {
        ObjectNode config = JsonFile.object();
        config.put("tokenizer_class", "PreTrainedTokenizerFast");
        config.put("clean_up_tokenization_spaces", false);
        JsonFile.write(folder.resolve("tokenizer_config.json"), config);
        DurableFile.writeString(folder.resolve(FILE), json());
    }

    /// Reads `tokenizer.json` from a folder.
    ///
    /// @throws FormatException as [#read]
    static Tokenizer load(Path folder) throws IOException {
        return read(folder.resolve(FILE));
    }

    /// Reads a file such as `tokenizer.json`.
    ///
    /// @throws FormatException where it is missing, malformed, or describes a tokenizer that is not one of these
    static Tokenizer read(Path file) throws IOException {
        ObjectNode root = JsonFile.read(file);
        JsonNode model = root.path("model");
        String type = model.path("type").asString(model.has("merges") ? BpeTokenizer.MODEL : "none");
        return switch (type) {
            case CharacterTokenizer.MODEL -> CharacterTokenizer.read(file, root);
            case BpeTokenizer.MODEL -> bytes(file, root);
            default -> throw new FormatException(file + ": tokenizer model " + type + " is not supported; the supported ones are "
                    + CharacterTokenizer.MODEL + " over single characters and " + BpeTokenizer.MODEL + " over bytes");
        };
    }

    private static Tokenizer bytes(Path file, ObjectNode root) throws FormatException {
        JsonNode words = root.path("pre_tokenizer");
        if (!words.path("type").asString("").equals("ByteLevel")) {
            throw new FormatException(
                    file + ": " + BpeTokenizer.MODEL + " is supported only over bytes (pre_tokenizer ByteLevel)");
        }
        boolean whole = !words.path("use_regex").asBoolean(true) && root.path("model").path("merges").isEmpty();
        return whole ? ByteTokenizer.read(file, root) : BpeTokenizer.read(file, root);
    }
}
