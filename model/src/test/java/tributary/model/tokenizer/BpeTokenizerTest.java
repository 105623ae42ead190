package tributary.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tributary.model.format.FormatException;

class BpeTokenizerTest {
    /// Byte-level BPE as `tokenizers` writes it.
    private static final Path TRAINED = Path.of("src/test/resources/tokenizers/trained.json");
    private static final JsonNode EXPECTED = JsonMapper.shared()
            .readTree(Path.of("src/test/resources/tokenizers/expected.json").toFile());

    @TempDir
    Path folder;

    @Test
    void learnsTheMergesOfTokenizers() {
        BpeTokenizer tokenizer = trained();
        JsonNode model = JsonMapper.shared().readTree(tokenizer.json()).get("model");
        assertThat(texts(model.get("merges"))).isEqualTo(texts(EXPECTED.get("merges")));
        assertThat(tokenizer.vocabularySize()).isEqualTo(420);
        assertThat(tokenizer.merges()).isEqualTo(420 - 256);
    }

    @Test
    void givesTheIdsOfTokenizers() throws IOException {
        BpeTokenizer tokenizer = trained();
        Tokenizer loaded = Tokenizer.read(TRAINED);
        assertThat(loaded.vocabularySize()).isEqualTo(420);
        for (JsonNode sample : EXPECTED.get("samples")) {
            String text = sample.get("text").asString();
            assertThat(tokenizer.encode(text)).as(text).containsExactly(ids(sample.get("ids")));
            assertThat(loaded.encode(text)).as(text).containsExactly(ids(sample.get("with_added")));
            assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
            assertThat(loaded.decode(loaded.encode(text))).isEqualTo(text);
        }
    }

    /// Also with added tokens that have white space inside, or are part of each other.
    @Test
    void aTextIsCutWhereItsIdsDoNotChange() {
        BpeTokenizer plain = trained();
        List<byte[]> tokens = new ArrayList<>();
        for (int value : ByteLevel.order()) {
            tokens.add(new byte[] {(byte) value});
        }
        List<BpeTokenizer.AddedToken> added = new ArrayList<>();
        for (String text : List.of("<a>", "<a> b", "b\n", "b c b", "  <", "c ")) {
            added.add(new BpeTokenizer.AddedToken(text, tokens.size(), false));
            tokens.add(text.getBytes(StandardCharsets.UTF_8));
        }
        BpeTokenizer marked = new BpeTokenizer(tokens, List.of(), added);
        List<String> parts = List.of("<a>", " ", " ", "  ", "b", "c", "\n", "<", "日", "'s");
        Random random = new Random(5);
        int cuts = 0;
        for (int trial = 0; trial < 3000; trial++) {
            StringBuilder built = new StringBuilder();
            for (int i = 0; i < 12; i++) {
                built.append(parts.get(random.nextInt(parts.size())));
            }
            String text = built.toString();
            for (BpeTokenizer tokenizer : List.of(plain, marked)) {
                int cut = tokenizer.lastCut(text.substring(0, random.nextInt(text.length() + 1)));
                cuts += cut > 0 ? 1 : 0;
                int[] ids = IntStream.concat(IntStream.of(tokenizer.encode(text.substring(0, cut))),
                        IntStream.of(tokenizer.encode(text.substring(cut)))).toArray();
                assertThat(ids).as(text + " at " + cut).containsExactly(tokenizer.encode(text));
            }
        }
        assertThat(cuts).isGreaterThan(2000);
    }

    @Test
    void gpt2IsGpt2() throws IOException {
        BpeTokenizer gpt2 = BpeTokenizer.gpt2();
        assertThat(gpt2.vocabularySize()).isEqualTo(50_257);
        JsonNode samples = JsonMapper.shared().readTree(Path.of("src/test/resources/tokenizers/gpt2.json").toFile());
        assertThat(samples.size()).isGreaterThan(20);
        for (JsonNode sample : samples) {
            String text = sample.get("text").asString();
            assertThat(gpt2.encode(text)).as(text).containsExactly(ids(sample.get("ids")));
            assertThat(gpt2.decode(gpt2.encode(text))).isEqualTo(text);
        }
        gpt2.save(folder);
        assertThat(Tokenizer.load(folder).sha256()).isEqualTo(gpt2.sha256());

        Encoding other = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);
        Random random = new Random(8);
        for (int trial = 0; trial < 300; trial++) {
            String text = WordsTest.randomText(random, random.nextInt(60));
            assertThat(gpt2.encode(text)).as(text).containsExactly(other.encodeOrdinary(text).toArray());
        }
    }

    @Test
    void equalsABruteForceTrainer() {
        Random random = new Random(4);
        for (int trial = 0; trial < 12; trial++) {
            List<String> texts = List.of(WordsTest.randomText(random, 300), "aaaaaaa aaaa abababab " + WordsTest.randomText(random, 30));
            BpeTokenizer tokenizer = new BpeTrainer(330, 1 + trial % 3).train(texts, _ -> {});
            List<String> merges = texts(JsonMapper.shared().readTree(tokenizer.json()).get("model").get("merges"));
            assertThat(merges).isEqualTo(bruteForce(texts, 330 - 256, 1 + trial % 3));
        }
    }

    /// Counts all pairs anew for each merge.
    private static List<String> bruteForce(List<String> texts, int most, int leastCount) {
        List<String> ids = new ArrayList<>();
        for (int value : ByteLevel.order()) {
            ids.add(ByteLevel.name(value));
        }
        List<List<String>> words = new ArrayList<>();
        for (String text : texts) {
            Words.each(text, 0, text.length(), (start, end) -> words.add(new ArrayList<>(ByteLevel
                    .name(text.substring(start, end).getBytes(StandardCharsets.UTF_8)).codePoints().mapToObj(Character::toString)
                    .toList())));
        }
        List<String> merges = new ArrayList<>();
        while (merges.size() < most) {
            Map<String, Integer> counts = new HashMap<>();
            for (List<String> word : words) {
                for (int i = 1; i < word.size(); i++) {
                    counts.merge(word.get(i - 1) + " " + word.get(i), 1, Integer::sum);
                }
            }
            List<String> best = counts.entrySet().stream().filter(entry -> entry.getValue() >= leastCount).sorted((a, b) -> {
                String[] x = a.getKey().split(" ");
                String[] y = b.getKey().split(" ");
                int byCount = b.getValue() - a.getValue();
                int byLeft = ids.indexOf(x[0]) - ids.indexOf(y[0]);
                return byCount != 0 ? byCount : byLeft != 0 ? byLeft : ids.indexOf(x[1]) - ids.indexOf(y[1]);
            }).map(Map.Entry::getKey).limit(1).toList();
            if (best.isEmpty()) {
                return merges;
            }
            merges.add(best.getFirst());
            String[] pair = best.getFirst().split(" ");
            ids.add(pair[0] + pair[1]);
            for (List<String> word : words) {
                for (int i = 1; i < word.size(); i++) {
                    if (word.get(i - 1).equals(pair[0]) && word.get(i).equals(pair[1])) {
                        word.set(i - 1, pair[0] + pair[1]);
                        word.remove(i);
                    }
                }
            }
        }
        return merges;
    }

    @Test
    void anyTextComesBack() throws IOException {
        Random random = new Random(6);
        Tokenizer tokenizer = Tokenizer.read(TRAINED);
        for (int trial = 0; trial < 500; trial++) {
            String text = WordsTest.randomText(random, random.nextInt(60));
            assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
        }
        assertThat(tokenizer.decode(tokenizer.encode("a" + Character.highSurrogate(0x1F642) + "b"))).isEqualTo("a?b");
    }

    @Test
    void anyIdsDecodeAsTheirBytesDo() {
        Random random = new Random(7);
        BpeTokenizer tokenizer = trained();
        int[] order = ByteLevel.order();
        for (int trial = 0; trial < 500; trial++) {
            int[] ids = random.ints(random.nextInt(12), 0, 256).toArray();
            byte[] bytes = new byte[ids.length];
            IntStream.range(0, ids.length).forEach(i -> bytes[i] = (byte) order[ids[i]]);
            assertThat(tokenizer.decode(ids)).isEqualTo(new String(bytes, StandardCharsets.UTF_8));
        }
        assertThatThrownBy(() -> tokenizer.decode(420)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("id 420");
    }

    @Test
    void aWordOfAMillionLettersTakesNoTime() {
        int[] ids = trained().encode("a".repeat(1_000_000));
        assertThat(trained().decode(ids)).hasSize(1_000_000);
    }

    @Test
    void aSavedTokenizerIsTheSame() throws IOException {
        for (Tokenizer tokenizer : List.of(trained(), Tokenizer.read(TRAINED))) {
            tokenizer.save(folder);
            Tokenizer loaded = Tokenizer.load(folder);
            assertThat(loaded).isInstanceOf(BpeTokenizer.class);
            assertThat(loaded.sha256()).isEqualTo(tokenizer.sha256());
            for (JsonNode sample : EXPECTED.get("samples")) {
                String text = sample.get("text").asString();
                assertThat(loaded.encode(text)).containsExactly(tokenizer.encode(text));
            }
        }
        assertThat(trained().sha256()).isNotEqualTo(Tokenizer.read(TRAINED).sha256());
    }

    @Test
    void aTextWithoutPairsGivesTheBytes() throws IOException {
        BpeTokenizer bytes = new BpeTrainer(500, 1).train(List.of("a b"), _ -> {});
        assertThat(bytes.vocabularySize()).isEqualTo(257); // the space and the b
        Files.writeString(folder.resolve("x.json"), new BpeTrainer(256, 1).train(List.of("abc"), _ -> {}).json());
        assertThat(Tokenizer.read(folder.resolve("x.json")).encode("!é")).containsExactly(0, 127, 102);
    }

    @Test
    void impossibleSizesAreRefused() {
        assertThatThrownBy(() -> new BpeTrainer(255, 1)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("vocab-size 255");
        assertThatThrownBy(() -> new BpeTrainer(300, 0)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("min-frequency 0");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', value = {
        "\"add_prefix_space\": false, ; \"add_prefix_space\": true, ; add_prefix_space",
        "\"use_regex\": true ; \"use_regex\": false ; whole texts",
        "\"ByteLevel\" ; \"Metaspace\" ; only over bytes",
        "\"decoder\": {\"type\": \"ByteLevel\" ; \"decoder\": {\"type\": \"Fuse\" ; decoder Fuse",
        "\"normalizer\": null ; \"normalizer\": {\"type\": \"NFC\"} ; normalizer",
        "\"post_processor\": null ; \"post_processor\": {\"type\": \"TemplateProcessing\"} ; post_processor",
        "\"end_of_word_suffix\": null ; \"end_of_word_suffix\": \"</w>\" ; end_of_word_suffix",
        "\"continuing_subword_prefix\": null ; \"continuing_subword_prefix\": \"##\" ; continuing_subword_prefix",
        "\"dropout\": null ; \"dropout\": 0.1 ; dropout",
        "\"ignore_merges\": false ; \"ignore_merges\": true ; ignore_merges",
        "\"lstrip\": false ; \"lstrip\": true ; lstrip",
        "\"content\": \"<|endoftext|>\" ; \"content\": \"\" ; added_tokens[0] has no content",
        "\"content\": \"<|endoftext|>\" ; \"content\": \"ab\" ; \"ab\" has id 0",
        "\"id\": 0, ; \"id\": 1, ; has id 1, and in model.vocab 0",
        "\"!\": 1, ; \"!\": 2, ; \"\"\" has id 2",
        "\"!\": 1, ; \"€\": 1, ; \"€\" is not written in byte-level characters",
        "\"!\": 1, ; \"!!\": 1, ; byte 0x21",
        "\"merges\": [[ ; \"merges\": [\"a\", [ ; model.merges[0]: \"a\" is no pair",
        "\"merges\": [[ ; \"merges\": [\"a qqq\", [ ; model.merges[0]: \"qqq\" is not in model.vocab",
        "\"merges\": [[ ; \"merges\": [[\"!\", \"!\"], [ ; model.merges[0]: \"!!\" is not in model.vocab",
        "{ ; [ ; not valid JSON",
    })
    void whatWouldGiveOtherIdsIsRefused(String before, String after, String complaint) throws IOException {
        String text = Files.readString(TRAINED);
        assertThat(text).contains(before);
        int at = text.indexOf(before);
        Path file = Files.writeString(folder.resolve("other.json"),
                text.substring(0, at) + after + text.substring(at + before.length()));
        assertThatThrownBy(() -> Tokenizer.read(file)).isInstanceOf(FormatException.class)
                .hasMessageContaining("other.json").hasMessageContaining(complaint);
    }

    @Test
    void anOlderFileSaysLess() throws IOException {
        String text = Files.readString(TRAINED).replace("\"type\": \"BPE\", ", "").replace(", \"use_regex\": true", "")
                .replace("\"unk_token\": null", "\"unk_token\": \"\"")
                .replace("\"post_processor\": null", "\"post_processor\": {\"type\": \"ByteLevel\", \"add_prefix_space\": true}");
        Path file = Files.writeString(folder.resolve("older.json"), text);
        assertThat(Tokenizer.read(file).sha256()).isEqualTo(Tokenizer.read(TRAINED).sha256());
    }

    private static BpeTokenizer trained() {
        return new BpeTrainer(420, 1).train(List.of(EXPECTED.get("text").asString()), _ -> {});
    }

    private static List<String> texts(JsonNode array) {
        return array.valueStream().map(JsonNode::asString).toList();
    }

    private static int[] ids(JsonNode array) {
        return array.valueStream().mapToInt(JsonNode::intValue).toArray();
    }
}
