package tributary.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextSourceTest {
    private static final byte[] BINARY = {'P', 0, 1, 2};
    private static final String LICENCE = "/*\n * Copyright (c) 1995, somebody.\n */\n";

    @TempDir
    Path folder;

    @Test
    void aFileIsItsText() throws IOException {
        write("a.txt", "\uFEFFGrüße\r\n");
        Corpus corpus = TextSource.open(folder.resolve("a.txt").toString());
        assertThat(corpus.documents()).containsExactly(new Document("a.txt", "Grüße\r\n"));
        assertThat(corpus.bytes()).isEqualTo("Grüße\r\n".getBytes(StandardCharsets.UTF_8).length);
        assertThat(corpus.remarks()).isEmpty();
    }

    @Test
    void packedFilesAreUnpacked() throws IOException {
        Path file = folder.resolve("a.txt.gz");
        Files.write(file, gzip("one\n"));
        assertThat(texts(TextSource.open(file.toString()))).containsExactly("one\n");
        byte[] whole = gzip("one, two, three\n");
        Files.write(file, Arrays.copyOf(whole, whole.length - 9));
        assertRefused(() -> TextSource.open(file.toString()), "a.txt.gz", "not a gzip file that can be read");
        Files.writeString(file, "plain");
        assertRefused(() -> TextSource.open(file.toString()), "a.txt.gz", "not a gzip file that can be read");
    }

    @Test
    void aFolderIsAllTextBelowSortedByPath() throws IOException {
        write("b/2.txt", "two");
        write("a.txt", "one");
        write("b/10.txt", "ten");
        write("b/empty.txt", " \n");
        write(".git/config", "hidden");
        write("b/.hidden", "hidden");
        Files.write(folder.resolve("picture.png"), BINARY);
        Files.write(folder.resolve("z.gz"), gzip("packed"));
        Corpus corpus = TextSource.open(folder.toString());
        assertThat(corpus.documents()).extracting(Document::name).containsExactly("a.txt", "b/10.txt", "b/2.txt", "z.gz");
        assertThat(texts(corpus)).containsExactly("one", "ten", "two", "packed");
        assertThat(corpus.remarks()).singleElement().asString().contains("left out 1 file", "picture.png", "zero byte");
    }

    @Test
    void aFolderWithoutTextSaysWhatItHolds() throws IOException {
        assertRefused(() -> TextSource.open(folder.toString()), folder.toString(), "there is no text in this folder");
        Files.write(folder.resolve("picture.png"), BINARY);
        assertRefused(() -> TextSource.open(folder.toString()), "1 files cannot be used", "picture.png");
    }

    @Test
    void anArchiveIsAllTextBelowAPrefix() throws IOException {
        Path zip = zip("texts.zip", "b/c.txt", "C", "a.txt", "A", "bc/d.txt", "D", "b/a.txt", "B", "b/.x", "hidden");
        assertThat(texts(TextSource.open(zip.toString()))).containsExactly("A", "B", "C", "D");
        assertThat(texts(TextSource.open(zip + "!b"))).containsExactly("B", "C");
        assertThat(texts(TextSource.open(zip + "!b/"))).containsExactly("B", "C");
        assertThat(texts(TextSource.open(zip + "!b/c.txt"))).containsExactly("C");
        assertRefused(() -> TextSource.open(zip + "!c"), "texts.zip!c", "no text below this prefix");
        assertRefused(() -> TextSource.open(zip + "x!c"), "there is no such file");
        Files.delete(zip);
        assertRefused(() -> TextSource.open(zip + "!c"), "texts.zip", "no such archive");
        Files.writeString(zip, "not a zip");
        assertRefused(() -> TextSource.open(zip.toString()), "texts.zip", "not a zip archive");
    }

    @Test
    void severalSourcesAreOneText() throws IOException {
        write("a.txt", "one");
        write("b/1.txt", "two");
        write("b/2.txt", "three");
        String a = folder.resolve("a.txt").toString();
        String b = folder.resolve("b").toString();
        Corpus corpus = TextSource.open(List.of(b, a));
        assertThat(texts(corpus)).containsExactly("two", "three", "one");
        assertThat(corpus.description()).isEqualTo(b + "; " + a);
        assertThat(texts(TextSource.open(List.of(a)))).containsExactly("one");
        assertRefused(() -> TextSource.open(List.of(a, b + "=0.3")), "weights are for train");
        assertRefused(() -> TextSource.open(List.of(a + "=1," + b + "=0.3")), "weights are for train");
    }

    @Test
    void badFilesGetOneClearLine() throws IOException {
        Path file = folder.resolve("a.txt");
        assertRefused(() -> TextSource.open(file.toString()), "a.txt", "no such file");
        assertRefused(() -> TextSource.open(" "), "nothing is named");
        Files.writeString(file, "\n");
        assertRefused(() -> TextSource.open(file.toString()), "a.txt", "empty");
        Files.write(file, BINARY);
        assertRefused(() -> TextSource.open(file.toString()), "a.txt", "zero byte");
    }

    @Test
    void malformedUtf8IsFoundWhereverItStands() throws IOException {
        Path file = folder.resolve("a.txt");
        for (int at : new int[] {0, 3, 8191, 8192, 20_000}) {
            byte[] bytes = "é\n".repeat(10_000).getBytes(StandardCharsets.UTF_8);
            bytes[at / 3 * 3] = 'x';
            Files.write(file, bytes);
            int wrong = at / 3 * 3 + 1;
            assertRefused(() -> TextSource.open(file.toString()), "a.txt",
                    "byte 0xa9 at place " + wrong + " (line " + (wrong / 3 + 1) + ")");
        }
        String late = "x".repeat(10_000) + "\0";
        Files.writeString(file, late);
        assertRefused(() -> TextSource.open(file.toString()), "zero byte at place 10000");
        Files.writeString(file, "a replacement \uFFFD that is really there");
        assertThat(texts(TextSource.open(file.toString()))).containsExactly("a replacement \uFFFD that is really there");
    }

    @Test
    void sourcesOfAJdkComeWithoutTheirLicences() throws IOException {
        Files.createDirectories(folder.resolve("lib"));
        zip("lib/src.zip",
                "java.base/java/util/B.java", LICENCE + LICENCE + "\n\n/** Doc. */ class B {}\n",
                "java.base/java/util/notes.txt", "no source",
                "java.base/java/util/x/A.java", "/* A comment. */ class A { /* license */ }\n",
                "java.base/java/utility/C.java", "class C {}\n",
                "java.desktop/D.java", LICENCE + "class D {}\n",
                "java.desktop/E.java", LICENCE);
        assertThat(texts(TextSource.open("jdk", folder)))
                .containsExactly("/** Doc. */ class B {}\n", "/* A comment. */ class A { /* license */ }\n");
        assertThat(texts(TextSource.open("jdk:java.desktop", folder))).containsExactly("class D {}\n");
        assertThat(TextSource.open("jdk:", folder).documents()).hasSize(4);
        assertRefused(() -> TextSource.open("jdk:java.none", folder), "jdk:java.none", "no text below this prefix");
    }

    @Test
    void withoutSourcesTheLicencesStandInAndTheRemarkSaysHowToMendIt() throws IOException {
        assertRefused(() -> TextSource.open("jdk", folder), "lib/src.zip", "--data");
        write("legal/java.base/LICENSE", "Do as you like.");
        write("legal/java.desktop/LICENSE", "Do as you like.");
        write("legal/java.desktop/other.md", "But be kind.");
        Corpus corpus = TextSource.open("jdk", folder);
        assertThat(texts(corpus)).containsExactly("Do as you like.", "But be kind.");
        assertThat(corpus.remarks()).singleElement().asString().contains("lib/src.zip", "stand in", "openjdk-25-source");
        assertRefused(() -> TextSource.open("jdk:java.base", folder), "jdk:java.base", "lib/src.zip");
    }

    @Test
    void theRunningJdkHasText() throws IOException {
        Corpus corpus = TextSource.open("jdk");
        if (Files.exists(Path.of(System.getProperty("java.home"), "lib", "src.zip"))) {
            assertThat(corpus.documents()).hasSizeGreaterThan(300).allSatisfy(document -> {
                assertThat(document.name()).startsWith("java.base/java/util/").endsWith(".java");
                assertThat(document.text().stripLeading()).doesNotStartWith("/*\n * Copyright");
            });
            assertThat(corpus.length()).isBetween(8_000_000L, 12_000_000L);
            assertThat(Split.of(corpus).validation().length()).isBetween(150_000L, 300_000L);
        } else {
            assertThat(corpus.remarks()).isNotEmpty();
            assertThat(corpus.length()).isGreaterThan(10_000);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", value = {
        "class A {} | class A {}",
        "/* Copyright */ class A {} | class A {}",
        "/* LICENSE */ /* written by somebody under a licence */ /* why */ | /* why */",
        "/* unfinished copyright | /* unfinished copyright",
        "/*/ license */ x | x",
    })
    void onlyLicencesAreDropped(String before, String after) {
        assertThat(JdkSources.withoutLicence(before)).isEqualTo(after);
    }

    private static void assertRefused(ThrowingCallable call, String... complaints) {
        assertThatThrownBy(call).isInstanceOf(DataException.class).message().contains(complaints).doesNotContain("\n");
    }

    private static List<String> texts(Corpus corpus) {
        return corpus.documents().stream().map(Document::text).toList();
    }

    private void write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private Path zip(String name, String... namesAndTexts) throws IOException {
        Path file = folder.resolve(name);
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            for (int i = 0; i < namesAndTexts.length; i += 2) {
                out.putNextEntry(new ZipEntry(namesAndTexts[i]));
                out.write(namesAndTexts[i + 1].getBytes(StandardCharsets.UTF_8));
            }
        }
        return file;
    }
}
