package tributary.model.tokenizer;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.format.FormatException;
import tributary.model.json.JsonFile;
import tributary.model.tokenizer.BpeTokenizer.AddedToken;

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

    /// The tokens of `model.vocab` by id.
    ///
    /// @throws FormatException where the ids are not 0 to V - 1, or there are tokens beside the vocabulary
    static String[] vocabulary(Path file, ObjectNode root) throws FormatException {
        if (!root.path("added_tokens").isEmpty()) {
            throw new FormatException(file + ": added_tokens are not supported");
        }
        if (isThere(root.path("post_processor"))) {
            throw new FormatException(file + ": a post_processor is not supported");
        }
        return vocabulary(file, root, List.of());
    }

    /// The tokens of `model.vocab` and those added to it, by id.
    ///
    /// @throws FormatException where the ids are not 0 to V - 1
    static String[] vocabulary(Path file, ObjectNode root, List<AddedToken> added) throws FormatException {
        if (isThere(root.path("normalizer"))) {
            throw new FormatException(file + ": a normalizer is not supported");
        }
        JsonNode vocabulary = root.path("model").path("vocab");
        if (!vocabulary.isObject() || vocabulary.isEmpty()) {
            throw new FormatException(file + ": model.vocab is missing or empty");
        }
        Map<String, JsonNode> ids = new LinkedHashMap<>();
        vocabulary.properties().forEach(entry -> ids.put(entry.getKey(), entry.getValue()));
        for (AddedToken token : added) {
            JsonNode other = ids.putIfAbsent(token.text(), IntNode.valueOf(token.id()));
            if (other != null && other.asInt(-1) != token.id()) {
                throw new FormatException(file + ": added_tokens: \"" + token.text() + "\" has id " + token.id() + ", and in model.vocab "
                        + other);
            }
        }
        String[] tokens = new String[ids.size()];
        for (Map.Entry<String, JsonNode> entry : ids.entrySet()) {
            JsonNode id = entry.getValue();
            if (!id.isInt() || id.intValue() < 0 || id.intValue() >= tokens.length || tokens[id.intValue()] != null) {
                throw new FormatException(file + ": model.vocab: token \"" + entry.getKey() + "\" has id " + id + "; ids have to be 0 to "
                        + (tokens.length - 1) + ", each once");
            }
            tokens[id.intValue()] = entry.getKey();
        }
        return tokens;
    }

    private static boolean isThere(JsonNode node) {
        return !node.isNull() && !node.isMissingNode();
    }
}
