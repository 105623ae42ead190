package tributary.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.format.FormatException;
import tributary.model.tokenizer.ByteTokenizer;
import tributary.model.tokenizer.CharacterTokenizer;

class SplitTest {
    @TempDir
    Path folder;

    @Test
    void aSingleTextGivesItsLastTenth() {
        Split split = Split.of(corpus("0123456789abcdefghi"));
        assertThat(split.training().documents()).containsExactly(new Document("0", "0123456789abcdefg"));
        assertThat(split.validation().documents()).containsExactly(new Document("0", "hi"));
    }

    @Test
    void aCharacterOfTwoUnitsIsNotCut() {
        Split split = Split.of(corpus("12345678🙂"));
        assertThat(split.training().documents().getFirst().text()).isEqualTo("12345678");
        assertThat(split.validation().documents().getFirst().text()).isEqualTo("🙂");
    }

    @Test
    void ofManyTextsWholeOnesAreHeldBack() {
        List<Document> documents = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            documents.add(new Document("d" + i, "x".repeat(50 + i)));
        }
        Corpus corpus = new Corpus("many", documents, List.of());
        Split split = Split.of(corpus);
        Set<Document> all = new HashSet<>(split.training().documents());
        all.addAll(split.validation().documents());
        assertThat(all).isEqualTo(new HashSet<>(documents));
        assertThat(split.training().documents().size() + split.validation().documents().size()).isEqualTo(200);
        assertThat(split.validation().length()).isBetween(corpus.length() / 50, corpus.length() / 40);
        assertThat(split.training().documents()).isSortedAccordingTo((a, b) -> documents.indexOf(a) - documents.indexOf(b));

        Collections.reverse(documents);
        Split reversed = Split.of(new Corpus("many", documents, List.of()));
        assertThat(new HashSet<>(reversed.validation().documents())).isEqualTo(new HashSet<>(split.validation().documents()));
    }

    @Test
    void ofAFewTextsEachGivesItsTail() {
        Split split = Split.of(corpus("aaaaaaaaab", "cccccccccd", "ee"));
        assertThat(split.training().documents()).extracting(Document::text).containsExactly("aaaaaaaaa", "ccccccccc", "e");
        assertThat(split.validation().documents()).extracting(Document::text).containsExactly("b", "d", "e");
    }

    @Test
    void theHashTellsTextAndSplitApart() {
        String hash = Split.of(corpus("0123456789")).sha256();
        assertThat(hash).hasSize(64).isEqualTo(Split.of(corpus("0123456789")).sha256());
        assertThat(Split.of(corpus("0123456788")).sha256()).isNotEqualTo(hash);
        assertThat(Split.of(corpus("01234", "56789")).sha256()).isNotEqualTo(hash);
    }

    @Test
    void aTokenizedCorpusIsItsTextInTokens() throws IOException {
        TokenizedCorpus corpus = TokenizedCorpus.of(corpus("é123456789"), new ByteTokenizer());
        assertThat(corpus.train().size()).isEqualTo(10);
        assertThat(corpus.train().get(0)).isEqualTo(0xC3);
        assertThat(corpus.validation().size()).isEqualTo(1);
        assertThat(corpus.validationBytes()).isEqualTo(1);

        Path file = folder.resolve("text.txt");
        Files.writeString(file, "abcabcabcé");
        TokenizedCorpus opened = TokenizedCorpus.open(file.toString(), "char", Optional.empty());
        assertThat(opened.tokenizer().vocabularySize()).isEqualTo(4);
        assertThat(IntStream.range(0, 9).map(opened.train()::get)).containsExactly(0, 1, 2, 0, 1, 2, 0, 1, 2);
        assertThat(opened.validation().get(0)).isEqualTo(3);
        assertThat(opened.validationBytes()).isEqualTo(2);
        assertThat(opened.remarks()).isEmpty();
        assertThatThrownBy(() -> TokenizedCorpus.open(file.toString(), "bpe", Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("bpe");
    }

    @Test
    void aModelsTokenizerIsTakenWithARemark() throws IOException {
        Path file = folder.resolve("text.txt");
        Files.writeString(file, "abcabcabc!");
        assertThatThrownBy(() -> TokenizedCorpus.open(file.toString(), "char", Optional.of(folder))).isInstanceOf(FormatException.class);
        new ByteTokenizer().save(folder);
        TokenizedCorpus corpus = TokenizedCorpus.open(file.toString(), "char", Optional.of(folder));
        assertThat(corpus.tokenizer()).isInstanceOf(ByteTokenizer.class);
        assertThat(corpus.remarks()).singleElement().asString().contains("tokenizer byte, not char", folder.toString());
        CharacterTokenizer.of(List.of("abc")).save(folder);
        assertThatThrownBy(() -> TokenizedCorpus.open(file.toString(), "char", Optional.of(folder)))
                .isInstanceOf(DataException.class).hasMessageContaining("text.txt").hasMessageContaining("'!'");
    }

    private static Corpus corpus(String... texts) {
        return new Corpus("texts", IntStream.range(0, texts.length).mapToObj(i -> new Document("" + i, texts[i])).toList(), List.of());
    }
}
