package tributary.model.tokenizer;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.format.FormatException;
import tributary.model.json.JsonFile;
import tributary.model.tokenizer.BpeTokenizer.AddedToken;
import tributary.model.tokenizer.MergeTable.Merge;

/// Byte-level BPE as `tokenizer.json`. What would change ids in a way that [BpeTokenizer] does not know is refused.
final class BpeFile {
    private BpeFile() {}

    /// @param names by id
    static String json(List<String> names, List<Merge> merges, List<AddedToken> added) {
        ObjectNode root = TokenizerFile.frame();
        ArrayNode addedTokens = root.putArray("added_tokens");
        for (AddedToken token : added) {
            addedTokens.addObject().put("id", token.id()).put("content", token.text()).put("single_word", false).put("lstrip", false)
                    .put("rstrip", false).put("normalized", false).put("special", token.special());
        }
        root.set("pre_tokenizer", ByteLevel.step(true));
        root.set("decoder", ByteLevel.step(true));
        ObjectNode model = root.putObject("model");
        model.put("type", BpeTokenizer.MODEL);
        model.putNull("dropout").putNull("unk_token").putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
        model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
        ObjectNode vocabulary = model.putObject("vocab");
        for (int id = 0; id < names.size(); id++) {
            vocabulary.put(names.get(id), id);
        }
        ArrayNode pairs = model.putArray("merges");
        for (Merge merge : merges) {
            pairs.add(names.get(merge.left()) + " " + names.get(merge.right()));
        }
        return JsonFile.text(root);
    }

    static BpeTokenizer read(Path file, ObjectNode root) throws FormatException {
        requirePlain(file, root);
        List<AddedToken> added = added(file, root);
        String[] names = TokenizerFile.vocabulary(file, root, added);
        List<byte[]> tokens = new ArrayList<>(names.length);
        Map<String, Integer> ids = HashMap.newHashMap(names.length);
        for (int id = 0; id < names.length; id++) {
            ids.put(names[id], id);
            tokens.add(ByteLevel.bytes(names[id]).orElseGet(() -> new byte[0]));
        }
        for (AddedToken token : added) {
            tokens.set(token.id(), token.text().getBytes(StandardCharsets.UTF_8));
        }
        for (int id = 0; id < names.length; id++) {
            if (tokens.get(id).length == 0) {
                throw new FormatException(file + ": model.vocab: token \"" + names[id] + "\" is not written in byte-level characters");
            }
        }
        List<Merge> merges = new ArrayList<>();
        for (JsonNode merge : root.path("model").path("merges")) {
            merges.add(merge(file + ": model.merges[" + merges.size() + "]", merge, ids));
        }
        try {
            return new BpeTokenizer(tokens, merges, added);
        } catch (IllegalArgumentException incomplete) {
            throw new FormatException(file + ": model.vocab: " + incomplete.getMessage(), incomplete);
        }
    }

    private static void requirePlain(Path file, ObjectNode root) throws FormatException {
        JsonNode model = root.path("model");
        for (String affix : new String[] {"continuing_subword_prefix", "end_of_word_suffix"}) {
            if (!model.path(affix).asString("").isEmpty()) {
                throw new FormatException(file + ": model." + affix + " is not supported");
            }
        }
        if (model.path("dropout").asDouble(0) != 0) {
            throw new FormatException(file + ": model.dropout is not supported");
        }
        if (model.path("ignore_merges").asBoolean(false)) {
            throw new FormatException(file + ": model.ignore_merges is not supported");
        }
        if (root.path("pre_tokenizer").path("add_prefix_space").asBoolean(true)) {
            throw new FormatException(file + ": pre_tokenizer with add_prefix_space is not supported");
        }
        if (!root.path("pre_tokenizer").path("use_regex").asBoolean(true)) {
            throw new FormatException(file + ": merges over whole texts (pre_tokenizer without use_regex) are not supported");
        }
        String decoder = root.path("decoder").path("type").asString("none");
        if (!decoder.equals("ByteLevel")) {
            throw new FormatException(file + ": decoder " + decoder + " is not supported with byte-level merges, only ByteLevel");
        }
        if (!root.path("post_processor").path("type").asString("ByteLevel").equals("ByteLevel")) {
            throw new FormatException(file + ": a post_processor that adds tokens is not supported");
        }
    }

    private static List<AddedToken> added(Path file, ObjectNode root) throws FormatException {
        List<AddedToken> added = new ArrayList<>();
        for (JsonNode token : root.path("added_tokens")) {
            String place = file + ": added_tokens[" + added.size() + "]";
            String text = token.path("content").asString("");
            if (text.isEmpty() || !token.path("id").isInt()) {
                throw new FormatException(place + " has no content or no id");
            }
            for (String option : new String[] {"single_word", "lstrip", "rstrip"}) {
                if (token.path(option).asBoolean(false)) {
                    throw new FormatException(place + " (" + text + "): " + option + " is not supported");
                }
            }
            if (added.stream().anyMatch(other -> other.text().equals(text))) {
                throw new FormatException(place + " (" + text + ") stands there twice");
            }
            added.add(new AddedToken(text, token.path("id").intValue(), token.path("special").asBoolean(false)));
        }
        return added;
    }

    /// Older files write a merge as `"a b"`, newer ones as `["a", "b"]`.
    private static Merge merge(String place, JsonNode merge, Map<String, Integer> ids) throws FormatException {
        String[] sides = merge.isArray() && merge.size() == 2
                ? new String[] {merge.get(0).asString(""), merge.get(1).asString("")}
                : merge.asString("").split(" ", -1);
        if (sides.length != 2) {
            throw new FormatException(place + ": " + merge + " is no pair of tokens");
        }
        Integer left = ids.get(sides[0]);
        Integer right = ids.get(sides[1]);
        Integer result = ids.get(sides[0] + sides[1]);
        if (left == null || right == null || result == null) {
            throw new FormatException(place + ": \"" + (left == null ? sides[0] : right == null ? sides[1] : sides[0] + sides[1])
                    + "\" is not in model.vocab");
        }
        return new Merge(left, right, result);
    }
}
