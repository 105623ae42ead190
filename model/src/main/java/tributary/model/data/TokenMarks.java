package tributary.model.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.format.FormatException;
import tributary.model.json.JsonFile;

/// How far a [TokenFolder] is that is being written: what a run that goes on after an interruption need not tokenize again. It is
/// written after each file of tokens, so that it never speaks of more than there is.
final class TokenMarks {
    static final String FILE = "progress.json";

    private static final Mark NONE = new Mark(0, 0, 0, 0, "");

    /// How far a part is.
    ///
    /// @param files of tokens that are whole
    /// @param tokens in them
    /// @param pieces of which they hold tokens, the last perhaps in part
    /// @param last how many tokens of the last piece they hold
    /// @param sha256 of all text up to the end of that piece, as [Split.Digest] has it
    record Mark(int files, long tokens, int pieces, long last, String sha256) {}

    private final Path folder;
    private final String tokenizer;
    private final int shardTokens;
    private final Map<String, Mark> marks = new TreeMap<>();

    private TokenMarks(Path folder, String tokenizer, int shardTokens) {
        this.folder = folder;
        this.tokenizer = tokenizer;
        this.shardTokens = shardTokens;
    }

    static TokenMarks none(Path folder, String tokenizer, int shardTokens) {
        return new TokenMarks(folder, tokenizer, shardTokens);
    }

    /// Those of a folder; none where there are none, or where they are of another tokenizer or other files.
    static TokenMarks read(Path folder, String tokenizer, int shardTokens) throws IOException {
        TokenMarks read = none(folder, tokenizer, shardTokens);
        if (Files.notExists(folder.resolve(FILE))) {
            return read;
        }
        try {
            ObjectNode json = JsonFile.read(folder.resolve(FILE));
            if (json.required("tokenizer").stringValue().equals(tokenizer) && json.required("shard_tokens").intValue() == shardTokens) {
                for (Map.Entry<String, JsonNode> part : json.required("parts").properties()) {
                    JsonNode mark = part.getValue();
                    read.marks.put(part.getKey(), new Mark(mark.required("files").intValue(), mark.required("tokens").longValue(),
                            mark.required("pieces").intValue(), mark.required("last").longValue(),
                            mark.required("sha256").stringValue()));
                }
            }
            return read;
        } catch (FormatException | JacksonException unusable) {
            return none(folder, tokenizer, shardTokens);
        }
    }

    Mark of(String part) {
        return marks.getOrDefault(part, NONE);
    }

    void put(String part, Mark mark) throws IOException {
        marks.put(part, mark);
        ObjectNode json = JsonFile.object().put("tokenizer", tokenizer).put("shard_tokens", shardTokens);
        ObjectNode parts = json.putObject("parts");
        marks.forEach((name, known) -> parts.putObject(name).put("files", known.files).put("tokens", known.tokens)
                .put("pieces", known.pieces).put("last", known.last).put("sha256", known.sha256));
        JsonFile.write(folder.resolve(FILE), json);
    }
}
