package tributary.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.tokenizer.ByteTokenizer;
import tributary.model.tokenizer.WordCounts;

class TextFileTest {
    private static final String TEXT = "\uFEFFé日🙂 and\r\n".repeat(40);

    @TempDir
    Path folder;

    @Test
    void piecesAreTheTextWhateverTheirSize() throws IOException {
        Path plain = Files.writeString(folder.resolve("a.txt"), TEXT);
        Path packed = folder.resolve("a.txt.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
            out.write(TEXT.getBytes(StandardCharsets.UTF_8));
        }
        String expected = TEXT.substring(1);
        for (Path file : List.of(plain, packed)) {
            for (int longest = 1; longest < 70; longest++) {
                for (Cutting cutting : List.of(new Cutting(longest, new ByteTokenizer()::lastCut),
                        new Cutting(longest, WordCounts::lastCut))) {
                    List<Piece> pieces = pieces(file, cutting);
                    assertThat(pieces).extracting(Piece::text).doesNotContain("");
                    assertThat(String.join("", pieces.stream().map(Piece::text).toList())).isEqualTo(expected);
                    long from = 0;
                    for (Piece piece : pieces) {
                        assertThat(piece.from()).isEqualTo(from);
                        assertThat(piece.length()).isEqualTo(expected.length());
                        from += piece.text().length();
                    }
                }
            }
        }
        assertThat(pieces(plain, new Cutting(1000, WordCounts::lastCut))).hasSize(1);
    }

    @Test
    void whatIsNoTextIsFoundInPiecesAsInTheWhole() throws IOException {
        Path file = folder.resolve("a.txt");
        byte[] good = "é日🙂\n".repeat(2000).getBytes(StandardCharsets.UTF_8);
        Set<String> complaints = new HashSet<>();
        for (int at : new int[] {0, 1, 15, 16, 17, 18, 19, 9000, good.length - 2}) {
            for (byte wrong : new byte[] {(byte) 0xA9, 'x', (byte) 0xF0, 0}) {
                if (wrong == 0 && at < 8192) {
                    continue;
                }
                byte[] bad = good.clone();
                bad[at] = wrong;
                Files.write(file, bad);
                String expected = outcome(file, Cutting.NEVER);
                complaints.add(expected);
                for (int longest : new int[] {3, 16, 1000}) {
                    assertThat(outcome(file, new Cutting(longest, String::length))).isEqualTo(expected);
                }
            }
        }
        assertThat(complaints).hasSizeGreaterThan(6);
        Files.write(file, Arrays.copyOf(good, good.length - 2));
        assertThat(message(() -> pieces(file, new Cutting(100, String::length)))).contains("not UTF-8 text: byte 0xf0");
        Files.writeString(file, " \n".repeat(50));
        assertThat(message(() -> pieces(file, new Cutting(10, String::length)))).contains("the file is empty");
    }

    @Test
    void ofAFolderALongFileThatIsNoTextIsLeftOut() throws IOException {
        Files.writeString(folder.resolve("a.txt"), TEXT);
        Files.write(folder.resolve("b.txt"), Arrays.copyOf(TEXT.getBytes(StandardCharsets.UTF_8), 298));
        List<String> names = new ArrayList<>();
        TextStream.Reading reading = TextFiles.folder(folder).each(new Cutting(50, String::length), piece -> names.add(piece.document()));
        assertThat(names).hasSizeGreaterThan(5).containsOnly("a.txt");
        assertThat(reading.remarks()).singleElement().asString().contains("left out 1 file", "b.txt", "not UTF-8");
    }

    @Test
    void whatCannotBeCutIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("a.txt"), "two words " + "x".repeat(1000));
        assertThat(message(() -> pieces(file, new Cutting(10, WordCounts::lastCut)))).contains("a.txt", "from character 9 on",
                "break them");
        assertThat(message(() -> pieces(file, Cutting.whole(999)))).contains("a.txt: more than 999 bytes", "tributary tokenize");
        assertThat(message(() -> TextFiles.folder(folder).each(Cutting.whole(999), _ -> {}))).contains("tributary tokenize");
        assertThat(pieces(file, Cutting.whole(1010))).hasSize(1);
    }

    @Test
    void aFileThatChangesIsNoticed() throws IOException {
        Path file = Files.writeString(folder.resolve("a.txt"), TEXT);
        TextStream.Taker shortening = _ -> {
            try {
                Files.writeString(file, "short");
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        };
        assertThat(message(() -> TextFiles.file(file).each(new Cutting(50, String::length), shortening))).contains("a.txt: has changed");
    }

    private static List<Piece> pieces(Path file, Cutting cutting) throws DataException {
        List<Piece> pieces = new ArrayList<>();
        TextFiles.file(file).each(cutting, pieces::add);
        return pieces;
    }

    private static String outcome(Path file, Cutting cutting) {
        try {
            return String.join("", pieces(file, cutting).stream().map(Piece::text).toList());
        } catch (DataException refusal) {
            return refusal.getMessage();
        }
    }

    private static String message(ThrowingCallable call) {
        String[] message = new String[1];
        assertThatThrownBy(call).isInstanceOf(DataException.class)
                .satisfies(refusal -> message[0] = refusal.getMessage());
        assertThat(message[0]).doesNotContain("\n");
        return message[0];
    }
}
