package tributary.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tributary.model.tokenizer.ByteTokenizer;
import tributary.tensor.IntTensor;

class ShardsTest {
    private static final int T = 4;

    /// Each document is one letter again and again, long enough for no split to hold it back whole.
    private static TokenizedCorpus corpus(String... names) throws DataException {
        List<Document> documents = IntStream.range(0, names.length)
                .mapToObj(i -> new Document(names[i], String.valueOf((char) ('a' + i)).repeat(100 + i)))
                .toList();
        return TokenizedCorpus.of(new Corpus("letters", documents, List.of()), new ByteTokenizer());
    }

    private static List<List<String>> dealt(TokenizedCorpus corpus, Sharding by, int replicas) {
        return Shards.deal(corpus.sections(), by, replicas).stream()
                .map(shard -> shard.stream().map(Section::document).toList()).toList();
    }

    private static Set<Integer> seen(BatchSource batches, int replica, int replicas) {
        Set<Integer> seen = new HashSet<>();
        int rows = batches.rows(replica, replicas);
        for (int step = 0; step < 200; step++) {
            IntTensor ids = IntTensor.zeros(rows, T);
            IntTensor targets = IntTensor.zeros(rows, T);
            batches.fill(step, replica, replicas, ids, targets);
            Stream.of(ids, targets).flatMapToInt(tensor -> Arrays.stream(tensor.array())).forEach(seen::add);
        }
        return seen;
    }

    @ParameterizedTest
    @EnumSource
    void aReplicaSeesItsOwnDocumentsAndNoOthers(Order order) throws DataException {
        TokenizedCorpus corpus = corpus("a.txt", "b.txt", "c.txt");
        Shards shards = new Shards(corpus, Sharding.BY_FILE, 3, 6, T, order, 1);
        for (int replica = 0; replica < 3; replica++) {
            assertThat(seen(shards, replica, 3)).containsExactly('a' + replica);
        }
        assertThat(seen(new Batches(corpus.train(), 6, T, order, 1), 0, 3)).contains((int) 'a', (int) 'b', (int) 'c');
        Set<Integer> judged = new HashSet<>();
        IntStream.range(0, (int) corpus.validation().size()).forEach(i -> judged.add(corpus.validation().get(i)));
        assertThat(judged).as("the text to judge by is of all").containsExactlyInAnyOrder((int) 'a', (int) 'b', (int) 'c');
    }

    /// Three sources, each one letter again and again.
    @Test
    void sourcesAreDealtInTurn(@TempDir Path folder) throws IOException {
        List<String> sources = new ArrayList<>();
        for (String letter : List.of("a", "b", "c")) {
            sources.add(Files.writeString(folder.resolve(letter + ".txt"), letter.repeat(200)) + "=1");
        }
        TokenizedCorpus corpus = TokenizedCorpus.open(String.join(",", sources), "byte", Optional.empty());
        Shards three = new Shards(corpus, Sharding.BY_SOURCE, 3, 6, T, Order.RANDOM, 1);
        for (int replica = 0; replica < 3; replica++) {
            assertThat(seen(three, replica, 3)).containsExactly('a' + replica);
        }
        Shards two = new Shards(corpus, Sharding.BY_SOURCE, 2, 6, T, Order.RANDOM, 1);
        assertThat(seen(two, 0, 2)).containsExactlyInAnyOrder((int) 'a', (int) 'c');
        assertThat(seen(two, 1, 2)).containsExactly((int) 'b');
        assertThatThrownBy(() -> new Shards(corpus, Sharding.BY_SOURCE, 4, 8, T, Order.RANDOM, 1))
                .isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("shards: there are 3 sources for 4 replicas");
        assertThatThrownBy(() -> new Shards(corpus, Sharding.BY_FILE, 2, 6, T, Order.RANDOM, 1))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("shards by-source");
    }

    @Test
    void filesAreDealtWholeAndEvenly() throws DataException {
        TokenizedCorpus corpus = corpus("1", "2", "3", "4", "5");
        assertThat(dealt(corpus, Sharding.BY_FILE, 2)).containsExactly(List.of("1", "2", "5"), List.of("3", "4"));
        assertThat(dealt(corpus, Sharding.BY_FILE, 5)).containsExactly(List.of("1"), List.of("2"), List.of("3"), List.of("4"),
                List.of("5"));
        assertThat(dealt(corpus, Sharding.BY_FILE, 1)).containsExactly(List.of("1", "2", "3", "4", "5"));
    }

    @Test
    void foldersAreThoseBelowWhatAllShare() throws DataException {
        TokenizedCorpus corpus = corpus("x/y/law/a", "x/y/law/deep/b", "x/y/list", "x/y/poems/c", "x/y/table");
        assertThat(dealt(corpus, Sharding.BY_FOLDER, 3)).containsExactly(
                List.of("x/y/law/a", "x/y/law/deep/b"), List.of("x/y/list", "x/y/table"), List.of("x/y/poems/c"));
        assertThatThrownBy(() -> dealt(corpus, Sharding.BY_FOLDER, 4)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("shards: the training text has 3 folders for 4 replicas; use fewer replicas, or shards iid");
        assertThat(dealt(corpus("law/a", "lawyers/b"), Sharding.BY_FOLDER, 2)).containsExactly(List.of("law/a"), List.of("lawyers/b"));
    }

    @Test
    void aBatchIsAFunctionOfStepAndReplica() throws DataException {
        Document counting = new Document("b", IntStream.range(0, 300).mapToObj(Integer::toString).collect(Collectors.joining()));
        TokenizedCorpus corpus = TokenizedCorpus.of(
                new Corpus("numbers", List.of(new Document("a", "x".repeat(200)), counting), List.of()), new ByteTokenizer());
        IntTensor first = IntTensor.zeros(2, T);
        IntTensor again = IntTensor.zeros(2, T);
        IntTensor targets = IntTensor.zeros(2, T);
        Shards shards = new Shards(corpus, Sharding.BY_FILE, 2, 4, T, Order.RANDOM, 9);
        shards.fill(3, 1, 2, first, targets);
        shards.fill(4, 0, 2, again, targets);
        new Shards(corpus, Sharding.BY_FILE, 2, 4, T, Order.RANDOM, 9).fill(3, 1, 2, again, targets);
        assertThat(again.array()).isEqualTo(first.array());
        shards.fill(4, 1, 2, again, targets);
        assertThat(again.array()).isNotEqualTo(first.array());
    }

    @Test
    void aShardThatIsTooShortIsNamed() throws DataException {
        TokenizedCorpus corpus = corpus("a", "b");
        assertThatThrownBy(() -> new Shards(corpus, Sharding.BY_FILE, 2, 4, 100, Order.RANDOM, 9))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("shard 0, 1 files beginning with a: ")
                .hasMessageContaining("90 tokens");
    }
}
