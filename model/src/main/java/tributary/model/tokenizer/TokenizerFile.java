package tributary.model.tokenizer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.format.FormatException;
import tributary.model.json.JsonFile;

/// The parts of `tokenizer.json` that all tokenizers share.
final class TokenizerFile {
    private TokenizerFile() {}

    /// The outermost object: no steps but those the caller puts there.
    static ObjectNode frame() {
        ObjectNode root = JsonFile.object();
        root.put("version", "1.0");
        root.putNull("truncation");
        root.putNull("padding");
        root.putArray("added_tokens");
        root.putNull("normalizer");
        root.putNull("pre_tokenizer");
        root.putNull("post_processor");
        root.putNull("decoder");
        root.putObject("model");
        return root;
    }

    /// Writes the tokenizer and the small file beside it that tells `transformers` to take it as it is.
    static void write(Path folder, ObjectNode root) throws IOException {
        ObjectNode config = JsonFile.object();
        config.put("tokenizer_class", "PreTrainedTokenizerFast");
        config.put("clean_up_tokenization_spaces", false);
        JsonFile.write(folder.resolve("tokenizer_config.json"), config);
        JsonFile.write(folder.resolve(Tokenizer.FILE), root);
    }

    /// The tokens of `model.vocab` by id.
    ///
    /// @throws FormatException where the ids are not 0 to V - 1, or there are tokens beside the vocabulary
    static String[] vocabulary(Path file, ObjectNode root) throws FormatException {
        if (!root.path("added_tokens").isEmpty()) {
            throw new FormatException(file + ": added_tokens are not supported");
        }
        for (String key : new String[] {"normalizer", "post_processor"}) {
            if (!root.path(key).isNull() && !root.path(key).isMissingNode()) {
                throw new FormatException(file + ": a " + key + " is not supported");
            }
        }
        JsonNode vocabulary = root.path("model").path("vocab");
        if (!vocabulary.isObject() || vocabulary.isEmpty()) {
            throw new FormatException(file + ": model.vocab is missing or empty");
        }
        String[] tokens = new String[vocabulary.size()];
        for (Map.Entry<String, JsonNode> entry : vocabulary.properties()) {
            JsonNode id = entry.getValue();
            if (!id.isInt() || id.intValue() < 0 || id.intValue() >= tokens.length || tokens[id.intValue()] != null) {
                throw new FormatException(file + ": model.vocab: token \"" + entry.getKey() + "\" has id " + id + "; ids have to be 0 to "
                        + (tokens.length - 1) + ", each once");
            }
            tokens[id.intValue()] = entry.getKey();
        }
        return tokens;
    }
}
