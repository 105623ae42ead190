package tributary.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.tokenizer.ByteTokenizer;
import tributary.tensor.IntTensor;

class MixtureTest {
    @TempDir
    Path folder;

    @Test
    void sourcesHaveWeights() throws IOException {
        assertThat(Mixture.parse("a.txt=0.7, jdk:java.base/java=3e-1").parts())
                .containsExactly(new Mixture.Part("a.txt", 0.7), new Mixture.Part("jdk:java.base/java", 0.3));
        for (String single : List.of("a.txt", "a,b.txt", "a=1", "x=y.txt")) {
            assertThat(Mixture.parse(single).parts()).containsExactly(new Mixture.Part(single, 1));
        }
        String really = Files.writeString(folder.resolve("a=1,b=2"), "text").toString();
        assertThat(Mixture.parse(really).parts()).containsExactly(new Mixture.Part(really, 1));
        assertThatThrownBy(() -> Mixture.parse("a=1,b.txt")).isInstanceOf(DataException.class).hasMessageContaining("b.txt has no weight");
        assertThatThrownBy(() -> Mixture.parse("a=1,b=0")).isInstanceOf(DataException.class).hasMessageContaining("weight of b=0");
        assertThatThrownBy(() -> Mixture.parse("a=1,b=1.2.3")).isInstanceOf(DataException.class).hasMessageContaining("weight of b=1.2.3");
    }

    @Test
    void sourcesNamedOneByOneAreAList() throws IOException {
        assertThat(Mixture.join(List.of("a,b.txt"))).isEqualTo("a,b.txt");
        assertThat(Mixture.parse(Mixture.join(List.of("a.txt", "b.txt=0.3", "jdk"))).parts())
                .containsExactly(new Mixture.Part("a.txt", 1), new Mixture.Part("b.txt", 0.3), new Mixture.Part("jdk", 1));
        String really = Files.writeString(folder.resolve("a=1"), "text").toString();
        assertThat(Mixture.parse(Mixture.join(List.of(really, "jdk"))).parts().getFirst()).isEqualTo(new Mixture.Part(really, 1));
        assertThatThrownBy(() -> Mixture.join(List.of("a,b.txt", "jdk"))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("data a,b.txt has a comma");
    }

    @Test
    void rowsComeFromSourcesByTheirWeights() {
        List<WeightedTokens> sources = List.of(constant(0, 3), constant(1, 1), constant(2, 4));
        int[] counts = new int[3];
        for (int step = 0; step < 1000; step++) {
            int[] rows = rows(sources, 8, step, 0, 1);
            for (int row = 0; row < 8; row++) {
                counts[rows[row * 4]]++;
                assertThat(rows[row * 4]).isEqualTo(rows[row * 4 + 3]);
            }
            // The same rows, whoever takes them.
            int[] second = rows(sources, 8, step, 1, 4);
            assertThat(second).containsExactly(concatenate(rows, 1, 5));
        }
        assertThat(counts[0] / 8000.0).isCloseTo(3 / 8.0, within(0.02));
        assertThat(counts[1] / 8000.0).isCloseTo(1 / 8.0, within(0.02));
        assertThat(counts[2] / 8000.0).isCloseTo(4 / 8.0, within(0.02));
        assertThatThrownBy(() -> new Batches(sources, 2, 4, Order.SEQUENTIAL, 1)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("several sources");
    }

    @Test
    void textsAndTokensMix() throws IOException {
        Path a = Files.writeString(folder.resolve("a.txt"), "a".repeat(1000));
        Path b = Files.writeString(folder.resolve("b.txt"), "b".repeat(500));
        Path tokens = folder.resolve("tokens");
        TokenFolder.write(b.toString(), new ByteTokenizer(), tokens, 100, new TokenFolder.Listener(_ -> {}, _ -> {}));
        TokenizedCorpus texts = open(a + "=1," + b + "=2", "byte");
        TokenizedCorpus mixed = open(a + "=1," + tokens + "=2", "byte");
        for (TokenizedCorpus corpus : List.of(texts, mixed)) {
            assertThat(corpus.training()).extracting(WeightedTokens::weight).containsExactly(1.0, 2.0);
            assertThat(corpus.training().get(1).tokens().size()).isEqualTo(450);
            assertThat(corpus.validation().size()).isEqualTo(150);
            assertThat(corpus.validation().get(99)).isEqualTo('a');
            assertThat(corpus.validation().get(100)).isEqualTo('b');
            assertThat(corpus.validationBytes()).isEqualTo(150);
            assertThat(corpus.hash()).isEqualTo(texts.hash());
        }
        assertThat(open(a + "=2," + b + "=1", "byte").hash()).isNotEqualTo(texts.hash());
        assertThat(open(a + "=1," + b + "=2", "char").tokenizer().vocabularySize()).isEqualTo(2);

        Path model = Files.createDirectory(folder.resolve("model"));
        TokenizedCorpus.of(TextSource.open(a.toString()), new ByteTokenizer()).tokenizer().save(model);
        assertThat(TokenizedCorpus.open(tokens.toString(), "byte", Optional.of(model)).tokenizer()).isInstanceOf(ByteTokenizer.class);
        TokenizedCorpus.open(a.toString(), "char", Optional.empty()).tokenizer().save(model);
        assertThatThrownBy(() -> TokenizedCorpus.open(tokens.toString(), "byte", Optional.of(model)))
                .isInstanceOf(DataException.class).hasMessageContaining("another tokenizer");
    }

    private static TokenizedCorpus open(String data, String tokenizer) throws IOException {
        return TokenizedCorpus.open(data, tokenizer, Optional.empty());
    }

    private static WeightedTokens constant(int id, double weight) {
        int[] ids = new int[50];
        Arrays.fill(ids, id);
        return new WeightedTokens(Tokens.of(3, ids), weight);
    }

    private static int[] concatenate(int[] rows, int first, int second) {
        int[] both = Arrays.copyOfRange(rows, first * 4, first * 4 + 8);
        System.arraycopy(rows, second * 4, both, 4, 4);
        return both;
    }

    private static int[] rows(List<WeightedTokens> sources, int batch, long step, int replica, int replicas) {
        Batches batches = new Batches(sources, batch, 4, Order.RANDOM, 9);
        IntTensor ids = IntTensor.zeros(batches.rows(replica, replicas), 4);
        batches.fill(step, replica, replicas, ids, IntTensor.zeros(batches.rows(replica, replicas), 4));
        return ids.array();
    }
}
