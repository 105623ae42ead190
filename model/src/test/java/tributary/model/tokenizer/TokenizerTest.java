package tributary.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tributary.model.format.FormatException;

class TokenizerTest {
    private static final String TEXT = "Grüße, \"Welt\"\r\n\t\\ z\u0000 \u2028 日本 🙂🙂 e\u0301";

    @TempDir
    Path folder;

    @Test
    void charactersAreNumberedByCodePoint() {
        CharacterTokenizer tokenizer = CharacterTokenizer.of(List.of("cab", "a🙂é"));
        assertThat(tokenizer.vocabularySize()).isEqualTo(5);
        assertThat(tokenizer.encode("abcé🙂")).containsExactly(0, 1, 2, 3, 4);
        assertThat(tokenizer.decode(4, 3, 0)).isEqualTo("🙂éa");
        assertThat(tokenizer.hasUnknown()).isFalse();
    }

    @Test
    void withoutAnUnknownCharacterAnUnseenOneIsAnErrorThatNamesIt() {
        CharacterTokenizer tokenizer = CharacterTokenizer.of(List.of("abc"));
        assertThatThrownBy(() -> tokenizer.encode("ab€")).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'€' (U+20AC) at place 2").hasMessageContaining("3 characters");
        assertThatThrownBy(() -> tokenizer.decode(3)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("id 3");
        assertThatThrownBy(() -> tokenizer.decode(-1)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("id -1");
    }

    @Test
    void rareCharactersOfALongTextFoldIntoOne() {
        String million = "abcd".repeat(250_000);
        CharacterTokenizer justShort = CharacterTokenizer.of(List.of(million, million.substring(2), "$"));
        assertThat(justShort.vocabularySize()).isEqualTo(5);
        assertThat(justShort.hasUnknown()).isFalse();

        CharacterTokenizer folded = CharacterTokenizer.of(List.of(million, million, "$$€🙂"));
        assertThat(folded.vocabularySize()).isEqualTo(6);
        assertThat(folded.encode("$a€🙂?")).containsExactly(0, 1, 5, 5, 5);
        assertThat(folded.decode(5, 1)).isEqualTo("\uFFFDa");
    }

    @Test
    void emptyTextHasNoVocabulary() {
        assertThatThrownBy(() -> CharacterTokenizer.of(List.of(""))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("empty");
    }

    @Test
    void bytesAreUtf8() {
        Tokenizer tokenizer = new ByteTokenizer();
        assertThat(tokenizer.encode("aé")).containsExactly('a', 0xC3, 0xA9);
        String longText = TEXT.repeat(3000);
        int[] ids = tokenizer.encode(longText);
        byte[] bytes = longText.getBytes(StandardCharsets.UTF_8);
        assertThat(ids).hasSize(bytes.length);
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] != Byte.toUnsignedInt(bytes[i])) {
                assertThat(ids[i]).as("byte %d", i).isEqualTo(Byte.toUnsignedInt(bytes[i]));
            }
        }
        assertThat(tokenizer.decode(ids).equals(longText)).isTrue();
        assertThatThrownBy(() -> tokenizer.decode(256)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("id 256");
    }

    @Test
    void aStreamWaitsForWholeCharacters() {
        StreamDecoder decoder = new ByteTokenizer().decoder();
        assertThat(decoder.accept(0xF0)).isEmpty();
        assertThat(decoder.accept(0x9F)).isEmpty();
        assertThat(decoder.accept(0x99)).isEmpty();
        assertThat(decoder.accept(0x82)).isEqualTo("🙂");
        assertThat(decoder.accept(0xC3)).isEmpty();
        assertThat(decoder.accept('x')).isEqualTo("\uFFFDx");
        assertThat(decoder.accept(0xE2)).isEmpty();
        assertThat(decoder.end()).isEqualTo("\uFFFD");
        assertThat(decoder.end()).isEmpty();
        assertThat(decoder.accept('y')).isEqualTo("y");
    }

    /// Any bytes at all: a stream and Java's own decoder agree.
    @Test
    void malformedBytesDecodeAsJavaDoes() {
        Random random = new Random(5);
        int[] likely = {0xC3, 0xA9, 0xE2, 0x82, 0xAC, 0xF0, 0x9F, 0x99, 0xED, 0xA0, 0x80, 0xFF, 'a'};
        for (int trial = 0; trial < 2000; trial++) {
            byte[] bytes = new byte[random.nextInt(12)];
            int[] ids = new int[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                ids[i] = random.nextInt(4) == 0 ? random.nextInt(256) : likely[random.nextInt(likely.length)];
                bytes[i] = (byte) ids[i];
            }
            assertThat(new ByteTokenizer().decode(ids)).isEqualTo(new String(bytes, StandardCharsets.UTF_8));
        }
    }

    @Test
    void halfASurrogatePairIsUnknown() {
        String half = "a" + Character.highSurrogate(0x1F642);
        assertThat(CharacterTokenizer.of(List.of(half)).decode(1)).isEqualTo("\uFFFD");
        assertThat(new ByteTokenizer().encode(half)).containsExactly('a', '?');
    }

    @Test
    void aSavedTokenizerIsTheSame() throws IOException {
        for (Tokenizer tokenizer : List.of(CharacterTokenizer.of(List.of(TEXT)), new ByteTokenizer())) {
            tokenizer.save(folder);
            Tokenizer loaded = Tokenizer.load(folder);
            assertThat(loaded).hasSameClassAs(tokenizer);
            assertThat(loaded.vocabularySize()).isEqualTo(tokenizer.vocabularySize());
            assertThat(loaded.encode(TEXT)).containsExactly(tokenizer.encode(TEXT));
            assertThat(loaded.decode(loaded.encode(TEXT))).isEqualTo(TEXT);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "WordLevel | Unigram | model Unigram is not supported",
        "Isolated | Removed | pre_tokenizer",
        "\"b\": 1 | \"bb\": 1 | \"bb\" is not a single character",
        "\"b\": 1 | \"b\": 7 | token \"b\" has id 7",
        "\"b\": 1 | \"b\": 0 | each once",
        "\"b\": 1 | \"b\": \"1\" | token \"b\"",
        "\"added_tokens\": [ | \"added_tokens\": [ 1 | added_tokens",
        "\"normalizer\": null | \"normalizer\": {} | normalizer",
        "{ | ! | not valid JSON",
    })
    void anotherTokenizerIsRefused(String before, String after, String complaint) throws IOException {
        CharacterTokenizer.of(List.of("ab")).save(folder);
        assertRefused(before, after, complaint);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "\"merges\": [ | \"merges\": [ \"a b\" | merges",
        "\"ByteLevel\" | \"Whitespace\" | over bytes",
        "\"a\": 97 | \"€\": 97 | 256 bytes",
    })
    void anotherByteTokenizerIsRefused(String before, String after, String complaint) throws IOException {
        new ByteTokenizer().save(folder);
        assertRefused(before, after, complaint);
    }

    private void assertRefused(String before, String after, String complaint) throws IOException {
        Path file = folder.resolve(Tokenizer.FILE);
        String text = Files.readString(file).replace("\" : ", "\": ").replace("[ ]", "[ \n]");
        assertThat(text).contains(before);
        Files.writeString(file, text.replace(before, after));
        assertThatThrownBy(() -> Tokenizer.load(folder)).isInstanceOf(FormatException.class)
                .hasMessageContaining(Tokenizer.FILE).hasMessageContaining(complaint);
    }

    @Test
    void aFolderWithoutTokenizerIsNamed() {
        assertThatThrownBy(() -> Tokenizer.load(folder)).isInstanceOf(FormatException.class).hasMessageContaining(Tokenizer.FILE);
    }
}
