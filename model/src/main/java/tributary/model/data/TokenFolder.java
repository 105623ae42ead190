package tributary.model.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.format.FormatException;
import tributary.model.json.JsonFile;
import tributary.model.tokenizer.Tokenizer;

/// A folder of text that is tokenized already: [TokenShard]s of the training and of the validation part, the tokenizer, and
/// `tokens.json`, written last, that says what it is.
///
/// The text is read one document at a time, long ones in pieces, three times: for the lengths, by which it is split as [Split]
/// does it, for the training part and for the validation part. The tokens are those that training on the text itself would
/// have: pieces end where the tokenizer cuts the text anyway.
///
/// A run that was interrupted goes on: files of tokens that are whole stay, as long as the text up to there is the same.
public final class TokenFolder {
    private static final String CONTENTS = "tokens.json";
    private static final int VERSION = 1;
    private static final String TRAIN = "train";
    private static final String VALIDATION = "validation";
    private static final List<String> PARTS = List.of(TRAIN, VALIDATION);
    /// What a run that was interrupted may have left.
    private static final String SHARDS = "\\.?(train|validation)-\\d+\\.tokens(\\.tmp)?";
    private static final String TOKENIZERS = "\\.?tokenizer(_config)?\\.json(\\.tmp)?|\\.tokens\\.json\\.tmp|\\.?progress\\.json(\\.tmp)?";

    private final Path folder;
    private final Tokenizer tokenizer;
    private final int shardTokens;
    private final Cutting cutting;

    private TokenFolder(Path folder, Tokenizer tokenizer, int shardTokens, Cutting cutting) {
        this.folder = folder;
        this.tokenizer = tokenizer;
        this.shardTokens = shardTokens;
        this.cutting = cutting;
    }

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
    /// @param data a source of text as [TextSource#open(String)] takes it
    /// @param shardTokens of a file, at most
    /// @throws DataException where there is no such text
    /// @throws IllegalArgumentException where the folder holds something else
    public static TokenizedCorpus write(String data, Tokenizer tokenizer, Path folder, int shardTokens, Listener listener)
            throws IOException {
        return write(data, tokenizer, folder, shardTokens, listener, Cutting.at(tokenizer::lastCut));
    }

    static TokenizedCorpus write(String data, Tokenizer tokenizer, Path folder, int shardTokens, Listener listener, Cutting cutting)
            throws IOException {
        if (Mixture.parse(data).parts().size() > 1) {
            throw new IllegalArgumentException("data " + data + ": each source has its own folder of tokens; tokenize them one by one"
                    + " and train on the folders, such as train --data tokens-1 --data tokens-2=0.3");
        }
        if (shardTokens < 1) {
            throw new IllegalArgumentException("shard-tokens " + shardTokens + " is not positive; use 1 or more");
        }
        TextStream text = TextSource.stream(data);
        TokenMarks marks = found(folder, tokenizer, shardTokens);
        List<Split.Extent> extents = new ArrayList<>();
        TextStream.Reading reading = text.each(cutting, piece -> {
            if (piece.isFirst()) {
                extents.add(new Split.Extent(piece.document(), piece.length()));
            }
        });
        listener.begins.accept(extents.stream().mapToLong(Split.Extent::length).sum());
        Files.createDirectories(folder);
        tokenizer.save(folder);
        TokenFolder tokens = new TokenFolder(folder, tokenizer, shardTokens, cutting);
        try {
            tokens.write(text, Split.Rule.of(extents), reading, listener, marks);
        } catch (TextChanged anew) {
            TokenMarks none = TokenMarks.none(folder, tokenizer.sha256(), shardTokens);
            drop(folder, none);
            tokens.write(text, Split.Rule.of(extents), reading, listener, none);
        }
        return open(folder);
    }

    /// The text is another one than that of the run that was interrupted.
    private static final class TextChanged extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /// What an interrupted run has left to go on from; what else it has left is deleted.
    private static TokenMarks found(Path folder, Tokenizer tokenizer, int shardTokens) throws IOException {
        TokenMarks none = TokenMarks.none(folder, tokenizer.sha256(), shardTokens);
        if (!Files.exists(folder)) {
            return none;
        }
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException("out " + folder + " is a file; name a folder");
        }
        if (isOne(folder)) {
            throw new IllegalArgumentException("out " + folder + " holds tokens already; remove them or name another folder");
        }
        List<Path> left;
        try (Stream<Path> files = Files.list(folder)) {
            left = files.toList();
        }
        for (Path file : left) {
            if (!file.getFileName().toString().matches(SHARDS + "|" + TOKENIZERS)) {
                throw new IllegalArgumentException("out " + folder + " holds other files, such as " + file.getFileName()
                        + "; name an empty or a new folder");
            }
        }
        if (Files.exists(folder.resolve(Tokenizer.FILE)) && !Tokenizer.load(folder).sha256().equals(tokenizer.sha256())) {
            throw new IllegalArgumentException("out " + folder + " holds another tokenizer; name an empty or a new folder");
        }
        TokenMarks marks = TokenMarks.read(folder, tokenizer.sha256(), shardTokens);
        boolean whole = PARTS.stream().allMatch(part -> IntStream.range(0, marks.of(part).files())
                .allMatch(index -> Files.exists(file(folder, part, index))));
        drop(folder, whole ? marks : none);
        return whole ? marks : none;
    }

    /// Deletes files of tokens of which the marks do not speak.
    private static void drop(Path folder, TokenMarks marks) throws IOException {
        Set<Path> kept = new HashSet<>();
        PARTS.forEach(part -> IntStream.range(0, marks.of(part).files()).forEach(index -> kept.add(file(folder, part, index))));
        List<Path> left;
        try (Stream<Path> files = Files.list(folder)) {
            left = files.toList();
        }
        for (Path file : left) {
            if (file.getFileName().toString().matches(SHARDS) && !kept.contains(file)) {
                Files.delete(file);
            }
        }
    }

    private void write(TextStream text, Split.Rule rule, TextStream.Reading reading, Listener listener, TokenMarks marks)
            throws IOException {
        Split.Digest digest = new Split.Digest();
        Progress progress = new Progress(listener.reached);
        Part train = part(TRAIN, text, rule::training, digest, progress, marks);
        Part validation = part(VALIDATION, text, rule::validation, digest, progress, marks);
        ObjectNode contents = JsonFile.object();
        contents.put("version", VERSION).put("description", reading.description());
        reading.remarks().forEach(contents.putArray("remarks")::add);
        contents.put("data_sha256", digest.sha256()).put("validation_bytes", validation.bytes);
        contents.set("train", train.json());
        contents.set("validation", validation.json());
        JsonFile.write(folder.resolve(CONTENTS), contents);
        Files.deleteIfExists(folder.resolve(TokenMarks.FILE));
    }

    private static final class Progress {
        private final LongConsumer reached;
        private long done;

        Progress(LongConsumer reached) {
            this.reached = reached;
        }

        void add(String text) {
            done += text.length();
            reached.accept(done);
        }
    }

    /// @param bytes of its text
    private record Part(long tokens, int files, long bytes) {
        ObjectNode json() {
            return JsonFile.object().put("tokens", tokens).put("files", files);
        }
    }

    private Part part(String name, TextStream text, Function<Piece, String> part, Split.Digest digest, Progress progress,
            TokenMarks marks) throws IOException {
        Shards shards = new Shards(name, marks, digest);
        long[] bytes = new long[1];
        text.each(cutting, piece -> {
            String share = part.apply(piece);
            digest.add(share);
            if (shards.wants()) {
                try {
                    tokenizer.encode(share, shards);
                } catch (IllegalArgumentException unknown) {
                    throw new DataException(piece.document() + (piece.isFirst() ? "" : " from character " + piece.from() + " on") + ": "
                            + unknown.getMessage(), unknown);
                }
            }
            bytes[0] += Utf8.length(share);
            progress.add(share);
        });
        shards.end();
        digest.endPart();
        return new Part(shards.tokens, shards.files, bytes[0]);
    }

    /// Takes ids and writes a file whenever there are enough. What is in files already is passed over.
    private final class Shards implements IntConsumer {
        private final String name;
        private final boolean wide = TokenShard.isWide(tokenizer.vocabularySize());
        private final ByteBuffer ids = ByteBuffer.allocate(Math.multiplyExact(shardTokens, wide ? Integer.BYTES : Character.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        private final String hash = tokenizer.sha256();
        private final TokenMarks marks;
        private final TokenMarks.Mark mark;
        private final Split.Digest digest;
        private long tokens;
        private int files;
        private int pieces;
        /// Of the piece at hand.
        private long heard;

        Shards(String name, TokenMarks marks, Split.Digest digest) {
            this.name = name;
            this.marks = marks;
            this.digest = digest;
            mark = marks.of(name);
            tokens = mark.tokens();
            files = mark.files();
        }

        /// Begins a piece whose text has been added to the digest.
        ///
        /// @return whether there are tokens in it that no file has
        boolean wants() {
            pieces++;
            heard = 0;
            if (pieces == mark.pieces() && !digest.soFar().equals(mark.sha256())) {
                throw new TextChanged();
            }
            return pieces >= mark.pieces();
        }

        @Override
        public void accept(int id) {
            if (pieces == mark.pieces() && heard < mark.last()) {
                heard++;
                return;
            }
            if (!ids.hasRemaining()) {
                flush();
            }
            heard++;
            if (wide) {
                ids.putInt(id);
            } else {
                ids.putChar((char) id);
            }
            tokens++;
        }

        void end() {
            if (pieces < mark.pieces()) {
                throw new TextChanged();
            }
            flush();
        }

        private void flush() {
            if (ids.position() > 0) {
                try {
                    TokenShard.write(file(folder, name, files++), ids.flip(), tokenizer.vocabularySize(), hash);
                    marks.put(name, new TokenMarks.Mark(files, tokens, pieces, heard, digest.soFar()));
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
                ids.clear();
            }
        }
    }

    private static Path file(Path folder, String part, int index) {
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
            return new TokenizedCorpus(
                    tokenizer,
                    contents.required("description").stringValue(),
                    contents.required("remarks").valueStream().map(JsonNode::stringValue).toList(),
                    List.of(new WeightedTokens(tokens(folder, TRAIN, contents, tokenizer), 1)),
                    List.of(),
                    tokens(folder, VALIDATION, contents, tokenizer),
                    contents.required("validation_bytes").longValue(),
                    contents.required("data_sha256").stringValue());
        } catch (JacksonException malformed) {
            throw new DataException(folder.resolve(CONTENTS) + ": " + malformed.getOriginalMessage() + "; tokenize again", malformed);
        } catch (FormatException malformed) {
            throw new DataException(malformed.getMessage() + "; tokenize again", malformed);
        }
    }

    private static Tokens tokens(Path folder, String part, ObjectNode contents, Tokenizer tokenizer) throws IOException {
        JsonNode expected = contents.required(part);
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
