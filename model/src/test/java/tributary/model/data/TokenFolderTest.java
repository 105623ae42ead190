package tributary.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.format.FileTree;
import tributary.model.tokenizer.BpeTrainer;
import tributary.model.tokenizer.ByteTokenizer;
import tributary.model.tokenizer.CharacterTokenizer;
import tributary.model.tokenizer.Tokenizer;
import tributary.tensor.IntTensor;

class TokenFolderTest {
    private static final String HASH = "ab".repeat(32);

    @TempDir
    Path folder;
    Path texts;
    Path out;

    @BeforeEach
    void write() throws IOException {
        texts = Files.createDirectory(folder.resolve("texts"));
        out = folder.resolve("tokens");
        for (int i = 0; i < 60; i++) {
            Files.writeString(texts.resolve("d" + i + ".txt"), "the river " + i + " flows by the mill, été été.\n".repeat(1 + i % 5));
        }
    }

    @Test
    void holdsTheTokensOfTheText() throws IOException {
        Path single = Files.writeString(folder.resolve("single.txt"), "a river, a mill and a river. ".repeat(40));
        Tokenizer bpe = new BpeTrainer(300, 1).train(List.of(Files.readString(single)), _ -> {});
        List<Long> reached = new ArrayList<>();
        for (Path source : List.of(texts, single)) {
            for (Tokenizer tokenizer : List.of(new ByteTokenizer(), bpe)) {
                for (int shardTokens : new int[] {97, 100_000}) {
                    Path target = folder.resolve(source.getFileName() + tokenizer.name() + shardTokens);
                    TokenizedCorpus written = TokenFolder.write(source.toString(), tokenizer, target, shardTokens,
                            new TokenFolder.Listener(reached::add, reached::add));
                    TokenizedCorpus expected = TokenizedCorpus.of(TextSource.open(source.toString()), tokenizer);
                    assertSame(written.train(), expected.train());
                    assertSame(written.validation(), expected.validation());
                    assertThat(written.hash()).isEqualTo(expected.hash());
                    assertThat(written.description()).isEqualTo(expected.description());
                    assertThat(written.validationBytes()).isEqualTo(expected.validationBytes());
                    assertThat(reached.getLast()).isPositive();
                    assertThat(Files.exists(target.resolve("train-00001.tokens"))).isEqualTo(shardTokens == 97);

                    TokenizedCorpus opened = TokenizedCorpus.open(target.toString(), "byte", Optional.empty());
                    assertThat(opened.tokenizer().sha256()).isEqualTo(tokenizer.sha256());
                    assertThat(opened.remarks()).hasSize(tokenizer == bpe ? 1 : 0);
                    assertThat(rows(opened)).isEqualTo(rows(expected));
                }
            }
        }
    }

    /// Pieces of a few bytes: words, characters and line ends stand across their ends.
    @Test
    void longTextsInPiecesHaveTheTokensOfTheWhole() throws IOException {
        Path single = Files.writeString(folder.resolve("single.txt"), longText(1, 300));
        Files.writeString(texts.resolve("d3.txt"), longText(2, 300));
        Files.writeString(texts.resolve("d30.txt"), "\uFEFF" + longText(3, 300));
        for (Path source : List.of(texts, single)) {
            Corpus corpus = TextSource.open(source.toString());
            List<String> all = corpus.documents().stream().map(Document::text).toList();
            for (Tokenizer tokenizer : List.of(new ByteTokenizer(), CharacterTokenizer.of(all),
                    new BpeTrainer(400, 1).train(all, _ -> {}))) {
                TokenizedCorpus expected = TokenizedCorpus.of(corpus, tokenizer);
                for (int longest : new int[] {5, 64, 1000}) {
                    Path target = folder.resolve(source.getFileName() + tokenizer.name() + longest);
                    List<Long> reached = new ArrayList<>();
                    TokenizedCorpus written = TokenFolder.write(source.toString(), tokenizer, target, 5000,
                            new TokenFolder.Listener(_ -> {}, reached::add), new Cutting(longest, tokenizer::lastCut));
                    assertSame(written.train(), expected.train());
                    assertSame(written.validation(), expected.validation());
                    assertThat(written.hash()).isEqualTo(expected.hash());
                    assertThat(written.validationBytes()).isEqualTo(expected.validationBytes());
                    assertThat(reached).hasSizeGreaterThan(2 * corpus.documents().size());
                    assertThat(reached.getLast()).isEqualTo(corpus.length());
                }
            }
        }
    }

    @Test
    void anInterruptedRunGoesOnInsideALongText() throws IOException {
        String single = Files.writeString(folder.resolve("single.txt"), longText(1, 150)).toString();
        Tokenizer tokenizer = new BpeTrainer(300, 1).train(List.of(Files.readString(Path.of(single))), _ -> {});
        Cutting cutting = new Cutting(64, tokenizer::lastCut);
        TokenFolder.Listener deaf = new TokenFolder.Listener(_ -> {}, _ -> {});
        TokenFolder.write(single, tokenizer, out, 50, deaf, cutting);
        Map<String, String> untouched = files(out);
        int resumed = 0;
        for (int stop = 1; stop <= 30; stop += 2) {
            int[] left = {stop};
            Path stopped = folder.resolve("stopped-" + stop);
            assertThatThrownBy(() -> TokenFolder.write(single, tokenizer, stopped, 50, new TokenFolder.Listener(_ -> {}, _ -> {
                if (--left[0] == 0) {
                    throw new Stopped();
                }
            }), cutting)).isInstanceOf(Stopped.class);
            FileTime first = files(stopped).containsKey("train-00000.tokens") ? age(stopped.resolve("train-00000.tokens")) : null;
            TokenFolder.write(single, tokenizer, stopped, 50, deaf, cutting);
            assertThat(files(stopped)).as("stopped after " + stop).isEqualTo(untouched);
            if (first != null) {
                assertThat(Files.getLastModifiedTime(stopped.resolve("train-00000.tokens"))).isEqualTo(first);
                resumed++;
            }
        }
        assertThat(resumed).isGreaterThan(10);
    }

    @Test
    void aPlaceThatIsNoCharacterOfTheVocabularyIsNamed() throws IOException {
        String single = Files.writeString(folder.resolve("single.txt"), "ab".repeat(30) + "c").toString();
        Tokenizer tokenizer = CharacterTokenizer.of(List.of("ab"));
        assertThatThrownBy(() -> TokenFolder.write(single, tokenizer, out, 50, new TokenFolder.Listener(_ -> {}, _ -> {}),
                new Cutting(8, tokenizer::lastCut)))
                .isInstanceOf(DataException.class).hasMessageContaining("single.txt from character 56 on: ")
                .hasMessageContaining("at place 4 of the text");
    }

    @Test
    void severalSourcesKeepTheirWeights() throws IOException {
        Path single = Files.writeString(folder.resolve("single.txt"), longText(1, 300));
        Tokenizer tokenizer = new ByteTokenizer();
        String data = texts + "=0.7," + single + "=0.1";
        TokenizedCorpus expected = TokenizedCorpus.open(data, "byte", Optional.empty());
        TokenFolder.Listener deaf = new TokenFolder.Listener(_ -> {}, _ -> {});
        TokenizedCorpus written = TokenFolder.write(data, tokenizer, out, 500, deaf);
        TokenizedCorpus opened = TokenizedCorpus.open(out.toString(), "byte", Optional.empty());
        for (TokenizedCorpus corpus : List.of(written, opened)) {
            assertThat(corpus.training()).extracting(WeightedTokens::weight).containsExactly(0.7, 0.1);
            assertSame(corpus.training().get(1).tokens(), expected.training().get(1).tokens());
            assertSame(corpus.validation(), expected.validation());
            assertThat(corpus.hash()).isEqualTo(expected.hash());
            assertThat(corpus.description()).isEqualTo(expected.description());
            assertThat(corpus.validationBytes()).isEqualTo(expected.validationBytes());
            assertThat(rows(corpus)).isEqualTo(rows(expected));
        }
        Map<String, String> untouched = files(out);
        assertThat(untouched).containsKeys("1-train-00001.tokens", "2-train-00001.tokens", "2-validation-00000.tokens");
        int documents = 2 * 60 + 2;
        for (int stop = 1; stop <= documents; stop += 20) {
            int[] left = {stop};
            Path stopped = folder.resolve("stopped-" + stop);
            assertThatThrownBy(() -> TokenFolder.write(data, tokenizer, stopped, 500, new TokenFolder.Listener(_ -> {}, _ -> {
                if (--left[0] == 0) {
                    throw new Stopped();
                }
            }))).isInstanceOf(Stopped.class);
            FileTime first = stop > 60 ? age(stopped.resolve("1-train-00000.tokens")) : FileTime.fromMillis(0);
            TokenFolder.write(data, tokenizer, stopped, 500, deaf);
            assertThat(files(stopped)).as("stopped after " + stop).isEqualTo(untouched);
            if (stop > 60) {
                assertThat(Files.getLastModifiedTime(stopped.resolve("1-train-00000.tokens"))).isEqualTo(first);
            }
        }
    }

    /// One source and the folder of two: each of the two has its share of the folder's share.
    @Test
    void aFolderOfSeveralSourcesIsOneOfSeveral() throws IOException {
        Path single = Files.writeString(folder.resolve("single.txt"), longText(1, 300));
        TokenFolder.write(texts + "=3," + single + "=1", new ByteTokenizer(), out, 500, new TokenFolder.Listener(_ -> {}, _ -> {}));
        TokenizedCorpus corpus = TokenizedCorpus.open(out + "=0.5," + single + "=0.25", "byte", Optional.empty());
        assertThat(corpus.training()).extracting(WeightedTokens::weight).containsExactly(0.375, 0.125, 0.25);
    }

    /// Words of all lengths, line ends of all kinds, characters of one to four bytes.
    private static String longText(int seed, int words) {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder();
        for (int word = 0; word < words; word++) {
            int length = random.nextInt(20) == 0 ? 60 : random.nextInt(8);
            for (int i = 0; i < length; i++) {
                text.appendCodePoint("aeté日🙂'9".codePoints().toArray()[random.nextInt(8)]);
            }
            text.append(List.of(" ", "  ", "\r\n", "\n\n", "\u00a0", "\t ").get(random.nextInt(6)));
        }
        return text.toString();
    }

    @Test
    void filesWithoutMarksAreMadeAnew() throws IOException {
        Files.createDirectory(out);
        for (String left : List.of("train-00000.tokens", "train-00099.tokens", ".train-00100.tokens.tmp")) {
            Files.writeString(out.resolve(left), "half");
        }
        new ByteTokenizer().save(out);
        tokenize();
        assertThat(out.resolve("train-00099.tokens")).doesNotExist();
        assertThat(out.resolve(".train-00100.tokens.tmp")).doesNotExist();
        assertThat(TokenFolder.open(out).train().size()).isPositive();
    }

    /// Stopped at documents of both parts, at some of them twice, it goes on to the same files.
    @Test
    void anInterruptedRunGoesOn() throws IOException {
        tokenize();
        Map<String, String> untouched = files(out);
        int documents = 2 * 60;
        for (int stop = 1; stop <= documents; stop += 7) {
            Path stopped = folder.resolve("stopped-" + stop);
            stopAfter(stop, stopped);
            stopAfter(stop % 7, stopped);
            Map<String, String> left = files(stopped);
            FileTime first = left.containsKey("train-00000.tokens") ? age(stopped.resolve("train-00000.tokens")) : null;
            assertThat(left).doesNotContainKey("tokens.json");
            TokenFolder.write(texts.toString(), new ByteTokenizer(), stopped, 500, new TokenFolder.Listener(_ -> {}, _ -> {}));
            assertThat(files(stopped)).as("stopped after " + stop).isEqualTo(untouched);
            if (first != null) {
                assertThat(Files.getLastModifiedTime(stopped.resolve("train-00000.tokens"))).isEqualTo(first);
            }
        }
    }

    @Test
    void whatDoesNotFitTheTextIsMadeAnew() throws IOException {
        tokenize();
        Map<String, String> untouched = files(out);
        Path stopped = folder.resolve("stopped");
        List<Executable> harms = List.of(
                () -> Files.delete(stopped.resolve("train-00000.tokens")),
                () -> Files.writeString(stopped.resolve("progress.json"), "{\"half\""),
                () -> Files.writeString(stopped.resolve("train-00099.tokens"), "half"),
                () -> Files.writeString(stopped.resolve("progress.json"), Files.readString(stopped.resolve("progress.json"))
                        .replaceFirst("\"sha256\" : \".", "\"sha256\" : \"x")),
                () -> Files.writeString(stopped.resolve("progress.json"), Files.readString(stopped.resolve("progress.json"))
                        .replaceFirst("\"pieces\" : \\d+", "\"pieces\" : 1000")));
        for (Executable harm : harms) {
            stopAfter(50, stopped);
            try {
                harm.execute();
            } catch (Throwable failure) {
                throw new AssertionError(failure);
            }
            TokenFolder.write(texts.toString(), new ByteTokenizer(), stopped, 500, new TokenFolder.Listener(_ -> {}, _ -> {}));
            assertThat(files(stopped)).isEqualTo(untouched);
            FileTree.delete(stopped);
        }
        stopAfter(50, stopped);
        Files.writeString(texts.resolve("d0.txt"), "the sea takes all\n");
        TokenFolder.write(texts.toString(), new ByteTokenizer(), stopped, 500, new TokenFolder.Listener(_ -> {}, _ -> {}));
        FileTree.delete(out);
        tokenize();
        assertThat(files(stopped)).isEqualTo(files(out)).isNotEqualTo(untouched);
    }

    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private void stopAfter(int documents, Path target) throws IOException {
        int[] left = {documents};
        try {
            TokenFolder.write(texts.toString(), new ByteTokenizer(), target, 500, new TokenFolder.Listener(_ -> {}, _ -> {
                if (--left[0] <= 0) {
                    throw new Stopped();
                }
            }));
        } catch (Stopped expected) {
            // as after a kill, but for a file that is half written
        }
    }

    private static FileTime age(Path file) throws IOException {
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
        return Files.getLastModifiedTime(file);
    }

    private static Map<String, String> files(Path folder) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(folder)) {
            for (Path file : all.toList()) {
                files.put(file.getFileName().toString(), HexFormat.of().formatHex(Files.readAllBytes(file)));
            }
        }
        return files;
    }

    @Test
    void aFolderOfSomethingElseIsLeftAlone() throws IOException {
        Files.createDirectory(out);
        Files.writeString(out.resolve("notes.txt"), "mine");
        assertThatThrownBy(this::tokenize).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("notes.txt");
        Files.delete(out.resolve("notes.txt"));
        new BpeTrainer(256, 1).train(List.of("a"), _ -> {}).save(out);
        assertThatThrownBy(this::tokenize).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("another tokenizer");
        new ByteTokenizer().save(out);
        tokenize();
        assertThatThrownBy(this::tokenize).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("holds tokens already");
    }

    @Test
    void brokenFoldersAreNamed() throws IOException {
        tokenize();
        assertThatThrownBy(() -> TextSource.open(out.toString())).isInstanceOf(DataException.class)
                .hasMessageContaining("holds tokens and no text");
        Path shard = out.resolve("train-00000.tokens");
        byte[] good = Files.readAllBytes(shard);
        for (int[] change : new int[][] {{0, 0}, {8, 9}, {12, 4}, {16, 5}, {24, 1}, {32, 1}}) {
            byte[] bad = good.clone();
            bad[change[0]] ^= (byte) (change[1] + 1);
            Files.write(shard, bad);
            assertThatThrownBy(() -> TokenFolder.open(out)).isInstanceOf(DataException.class).hasMessageContaining("train-00000.tokens");
        }
        Files.write(shard, new byte[] {'T', 'R'});
        assertThatThrownBy(() -> TokenFolder.open(out)).isInstanceOf(DataException.class).hasMessageContaining("no file of tokens");
        Files.delete(shard);
        assertThatThrownBy(() -> TokenFolder.open(out)).isInstanceOf(DataException.class).hasMessageContaining("there is no such file");
        Files.write(shard, good);
        String contents = Files.readString(out.resolve("tokens.json"));
        for (String key : List.of("\"version\"", "\"sources\"", "\"weight\"", "\"train\"", "\"data_sha256\"", "\"files\"")) {
            Files.writeString(out.resolve("tokens.json"), contents.replace(key, "\"x\""));
            assertThatThrownBy(() -> TokenFolder.open(out)).isInstanceOf(DataException.class);
        }
    }

    @Test
    void aLargeVocabularyTakesFourBytes() throws IOException {
        Path file = folder.resolve("wide.tokens");
        ByteBuffer ids = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN).putInt(5).putInt(69_999).putInt(65_536).flip();
        TokenShard.write(file, ids, 70_000, HASH);
        TokenShard shard = TokenShard.open(file, 70_000, HASH);
        Tokens tokens = Tokens.of(70_000, List.of(shard, shard));
        int[] copied = new int[6];
        tokens.copy(1, 5, copied, 1);
        assertThat(copied).containsExactly(0, 69_999, 65_536, 5, 69_999, 65_536);
        assertThat(tokens.get(4)).isEqualTo(69_999);
        assertThatThrownBy(() -> TokenShard.open(file, 70_001, HASH)).isInstanceOf(DataException.class)
                .hasMessageContaining("another tokenizer");
    }

    /// More bytes and more tokens than an int counts; the file is sparse.
    @Test
    void aShardMayBeLargerThanTwoGigabytes() throws IOException {
        Path file = folder.resolve("large.tokens");
        long size = 2_200_000_000L;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(TokenShard.header(size, 300, HASH));
            ByteBuffer last = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putChar((char) 299).putChar((char) 7).flip();
            channel.write(last, TokenShard.HEADER + 2 * (size - 2));
        }
        Tokens tokens = Tokens.of(300, List.of(TokenShard.open(file, 300, HASH)));
        assertThat(tokens.size()).isEqualTo(size);
        assertThat(tokens.get(size - 2)).isEqualTo(299);
        int[] copied = new int[3];
        tokens.copy(size - 3, 3, copied, 0);
        assertThat(copied).containsExactly(0, 299, 7);
        IntTensor ids = IntTensor.zeros(1, 2);
        IntTensor targets = IntTensor.zeros(1, 2);
        Windows windows = new Windows(tokens, 1, 2, 5);
        windows.fill(0, ids, targets);
        assertThat(windows.targets()).isEqualTo(10);
        new Batches(tokens, 1, 2, Order.RANDOM, 1).fill(0, 0, 1, ids, targets);
        assertThat(ids.array()).containsExactly(0, 0);
    }

    private void tokenize() throws IOException {
        TokenFolder.write(texts.toString(), new ByteTokenizer(), out, 500, new TokenFolder.Listener(_ -> {}, _ -> {}));
    }

    private static void assertSame(Tokens a, Tokens b) {
        assertThat(IntStream.range(0, (int) a.size()).map(a::get).toArray())
                .containsExactly(IntStream.range(0, (int) b.size()).map(b::get).toArray());
    }

    private static int[] rows(TokenizedCorpus corpus) {
        IntTensor ids = IntTensor.zeros(6, 20);
        new Batches(corpus.training(), 6, 20, Order.RANDOM, 3).fill(4, 0, 1, ids, IntTensor.zeros(6, 20));
        return ids.array();
    }
}
