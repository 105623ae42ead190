package tributary.model.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.format.FormatException;
import tributary.model.json.JsonFile;
import tributary.model.tokenizer.Tokenizer;

/// A folder of text that is tokenized already: [TokenShard]s of the training and of the validation part of each source, the
/// tokenizer, and `tokens.json`, written last, that says what it is.
public final class TokenFolder {
    static final String CONTENTS = "tokens.json";
    static final int VERSION = 2;

    private TokenFolder() {}

    /// How far the work is.
    ///
    /// @param begins hears how many characters there are, when they have been counted
    /// @param reached hears how many are done
    public record Listener(LongConsumer begins, LongConsumer reached) {}

    static boolean isOne(Path folder) {
        return Files.isRegularFile(folder.resolve(CONTENTS));
    }

    static boolean isOne(String folder) {
        try {
            return isOne(Path.of(folder));
        } catch (InvalidPathException impossible) {
            return false;
        }
    }

    /// Tokenizes text into a folder, or goes on where an interrupted run has left one.
    ///
    /// @param data text as [TokenizedCorpus#open] takes it, of one source or of several with weights
    /// @param shardTokens of a file, at most
    /// @throws DataException where there is no such text
    /// @throws IllegalArgumentException where the folder holds something else
    public static TokenizedCorpus write(String data, Tokenizer tokenizer, Path folder, int shardTokens, Listener listener)
            throws IOException {
        return write(data, tokenizer, folder, shardTokens, listener, Cutting.at(tokenizer::lastCut));
    }

    static TokenizedCorpus write(String data, Tokenizer tokenizer, Path folder, int shardTokens, Listener listener, Cutting cutting)
            throws IOException {
        new TokenWriter(Mixture.parse(data).parts(), tokenizer, folder, shardTokens, listener, cutting).write();
        return open(folder);
    }

    /// The name of a source's part to train on.
    ///
    /// @param source from 0
    static String train(int source, int sources) {
        return name("train", source, sources);
    }

    /// The name of a source's part to judge by.
    ///
    /// @param source from 0
    static String validation(int source, int sources) {
        return name("validation", source, sources);
    }

    private static String name(String part, int source, int sources) {
        return sources == 1 ? part : source + 1 + "-" + part;
    }

    static Path file(Path folder, String part, int index) {
        return folder.resolve("%s-%05d.tokens".formatted(part, index));
    }

    /// Opens a folder; the tokens are mapped and not read.
    ///
    /// @throws DataException where a file is missing or broken
    static TokenizedCorpus open(Path folder) throws IOException {
        try {
            Tokenizer tokenizer = Tokenizer.load(folder);
            ObjectNode contents = JsonFile.read(folder.resolve(CONTENTS));
            int version = contents.required("version").intValue();
            if (version != VERSION) {
                throw new DataException(folder + ": version " + version + " of the format is not known, only " + VERSION
                        + "; tokenize again");
            }
            List<JsonNode> sources = contents.required("sources").valueStream().toList();
            if (sources.isEmpty()) {
                throw new DataException(folder.resolve(CONTENTS) + " speaks of no source; tokenize again");
            }
            List<TokenizedCorpus> all = new ArrayList<>();
            for (int i = 0; i < sources.size(); i++) {
                all.add(source(folder, tokenizer, i, sources.size(), sources.get(i)));
            }
            return TokenizedCorpus.mixed(all, sources.stream().map(source -> source.required("weight").doubleValue()).toList(),
                    all.stream().flatMap(source -> source.remarks().stream()).toList());
        } catch (JacksonException malformed) {
            throw new DataException(folder.resolve(CONTENTS) + ": " + malformed.getOriginalMessage() + "; tokenize again", malformed);
        } catch (FormatException malformed) {
            throw new DataException(malformed.getMessage() + "; tokenize again", malformed);
        }
    }

    private static TokenizedCorpus source(Path folder, Tokenizer tokenizer, int source, int sources, JsonNode json) throws IOException {
        return new TokenizedCorpus(
                tokenizer,
                json.required("description").stringValue(),
                json.required("remarks").valueStream().map(JsonNode::stringValue).toList(),
                List.of(new WeightedTokens(tokens(folder, train(source, sources), json.required("train"), tokenizer), 1)),
                List.of(),
                tokens(folder, validation(source, sources), json.required("validation"), tokenizer),
                json.required("validation_bytes").longValue(),
                json.required("data_sha256").stringValue());
    }

    private static Tokens tokens(Path folder, String part, JsonNode expected, Tokenizer tokenizer) throws IOException {
        String hash = tokenizer.sha256();
        List<TokenShard> shards = new ArrayList<>();
        for (int i = 0; i < expected.required("files").intValue(); i++) {
            shards.add(TokenShard.open(file(folder, part, i), tokenizer.vocabularySize(), hash));
        }
        Tokens tokens = Tokens.of(tokenizer.vocabularySize(), shards);
        if (tokens.size() != expected.required("tokens").longValue()) {
            throw new DataException(folder + ": the files of the " + part + " part hold " + tokens.size() + " tokens, not "
                    + expected.required("tokens") + "; tokenize again");
        }
        return tokens;
    }
}
