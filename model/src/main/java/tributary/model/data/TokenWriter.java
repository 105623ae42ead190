package tributary.model.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
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
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.json.JsonFile;
import tributary.model.tokenizer.Tokenizer;

/// Writes a [TokenFolder].
///
/// Each source is read one document at a time, long ones in pieces, three times: for the lengths, by which it is split as [Split]
/// does it, for the training part and for the validation part. The tokens are those that training on the text itself would
/// have: pieces end where the tokenizer cuts the text anyway.
///
/// A run that was interrupted goes on: files of tokens that are whole stay, as long as the text up to there is the same.
final class TokenWriter {
    /// What a run that was interrupted may have left.
    private static final String SHARDS = "\\.?(\\d+-)?(train|validation)-\\d+\\.tokens(\\.tmp)?";
    private static final String OTHERS = "\\.?tokenizer(_config)?\\.json(\\.tmp)?|\\.tokens\\.json\\.tmp|\\.?progress\\.json(\\.tmp)?";

    private final List<Mixture.Part> data;
    private final Tokenizer tokenizer;
    private final Path folder;
    private final int shardTokens;
    private final TokenFolder.Listener listener;
    private final Cutting cutting;

    TokenWriter(List<Mixture.Part> data, Tokenizer tokenizer, Path folder, int shardTokens, TokenFolder.Listener listener,
            Cutting cutting) {
        if (shardTokens < 1) {
            throw new IllegalArgumentException("shard-tokens " + shardTokens + " is not positive; use 1 or more");
        }
        this.data = data;
        this.tokenizer = tokenizer;
        this.folder = folder;
        this.shardTokens = shardTokens;
        this.listener = listener;
        this.cutting = cutting;
    }

    /// A source that has been read once.
    ///
    /// @param index from 0
    private record Source(int index, double weight, TextStream text, Split.Rule rule, TextStream.Reading reading, long length) {}

    void write() throws IOException {
        List<TextStream> texts = new ArrayList<>();
        for (Mixture.Part part : data) {
            texts.add(TextSource.stream(part.source()));
        }
        TokenMarks marks = found();
        List<Source> sources = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            sources.add(source(i, texts.get(i)));
        }
        listener.begins().accept(sources.stream().mapToLong(Source::length).sum());
        Files.createDirectories(folder);
        tokenizer.save(folder);
        try {
            write(sources, marks);
        } catch (TextChanged anew) {
            TokenMarks none = none();
            drop(none);
            write(sources, none);
        }
    }

    private Source source(int index, TextStream text) throws IOException {
        List<Split.Extent> extents = new ArrayList<>();
        TextStream.Reading reading = text.each(cutting, piece -> {
            if (piece.isFirst()) {
                extents.add(new Split.Extent(piece.document(), piece.length()));
            }
        });
        return new Source(index, data.get(index).weight(), text, Split.Rule.of(extents), reading,
                extents.stream().mapToLong(Split.Extent::length).sum());
    }

    /// The text is another one than that of the run that was interrupted.
    private static final class TextChanged extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private TokenMarks none() {
        return TokenMarks.none(folder, tokenizer.sha256(), shardTokens);
    }

    /// The names of all parts: two for each source.
    private List<String> parts() {
        return IntStream.range(0, data.size()).boxed()
                .flatMap(source -> Stream.of(TokenFolder.train(source, data.size()), TokenFolder.validation(source, data.size()))).toList();
    }

    /// What an interrupted run has left to go on from; what else it has left is deleted.
    private TokenMarks found() throws IOException {
        if (!Files.exists(folder)) {
            return none();
        }
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException("out " + folder + " is a file; name a folder");
        }
        if (TokenFolder.isOne(folder)) {
            throw new IllegalArgumentException("out " + folder + " holds tokens already; remove them or name another folder");
        }
        for (Path file : files()) {
            if (!file.getFileName().toString().matches(SHARDS + "|" + OTHERS)) {
                throw new IllegalArgumentException("out " + folder + " holds other files, such as " + file.getFileName()
                        + "; name an empty or a new folder");
            }
        }
        if (Files.exists(folder.resolve(Tokenizer.FILE)) && !Tokenizer.load(folder).sha256().equals(tokenizer.sha256())) {
            throw new IllegalArgumentException("out " + folder + " holds another tokenizer; name an empty or a new folder");
        }
        TokenMarks marks = TokenMarks.read(folder, tokenizer.sha256(), shardTokens);
        TokenMarks whole = spoken(marks).stream().allMatch(Files::exists) ? marks : none();
        drop(whole);
        return whole;
    }

    /// The files of tokens of which the marks speak.
    private Set<Path> spoken(TokenMarks marks) {
        Set<Path> files = new HashSet<>();
        parts().forEach(part -> IntStream.range(0, marks.of(part).files()).forEach(i -> files.add(TokenFolder.file(folder, part, i))));
        return files;
    }

    /// Deletes all other files of tokens.
    private void drop(TokenMarks marks) throws IOException {
        Set<Path> kept = spoken(marks);
        for (Path file : files()) {
            if (file.getFileName().toString().matches(SHARDS) && !kept.contains(file)) {
                Files.delete(file);
            }
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private void write(List<Source> sources, TokenMarks marks) throws IOException {
        Progress progress = new Progress(listener.reached());
        ObjectNode contents = JsonFile.object().put("version", TokenFolder.VERSION);
        ArrayNode written = contents.putArray("sources");
        for (Source source : sources) {
            Split.Digest digest = new Split.Digest();
            Part train = part(TokenFolder.train(source.index, data.size()), source.text, source.rule::training, digest, progress, marks);
            Part validation = part(TokenFolder.validation(source.index, data.size()), source.text, source.rule::validation, digest,
                    progress,
                    marks);
            ObjectNode json = written.addObject().put("weight", source.weight).put("description", source.reading.description());
            source.reading.remarks().forEach(json.putArray("remarks")::add);
            json.put("data_sha256", digest.sha256()).put("validation_bytes", validation.bytes);
            json.set("train", train.json());
            json.set("validation", validation.json());
        }
        JsonFile.write(folder.resolve(TokenFolder.CONTENTS), contents);
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
                    TokenShard.write(TokenFolder.file(folder, name, files++), ids.flip(), tokenizer.vocabularySize(), hash);
                    marks.put(name, new TokenMarks.Mark(files, tokens, pieces, heard, digest.soFar()));
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
                ids.clear();
            }
        }
    }
}
