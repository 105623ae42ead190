package tributary.localsgd.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TailTest {
    @TempDir
    Path folder;

    private Path file;
    private Tail tail;

    @BeforeEach
    void open() {
        file = folder.resolve("lines");
        tail = new Tail(file);
    }

    private void append(String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private void expect(int kept, String... added) throws IOException {
        assertThat(tail.read()).isEqualTo(new Tail.Change(kept, List.of(added)));
    }

    @Test
    void givesWhatIsNew() throws IOException {
        expect(0);
        append("a\nb\n");
        expect(0, "a", "b");
        expect(2);
        append("c\n");
        expect(2, "c");
    }

    @Test
    void leavesHalfALineUntilTheRestIsThere() throws IOException {
        append("a\n{\"step\":1");
        expect(0, "a");
        expect(1);
        append("0}\nb");
        expect(1, "{\"step\":10}");
    }

    @Test
    void noticesThatTheFileWasCut() throws IOException {
        append("a\nb\nc\n");
        expect(0, "a", "b", "c");
        Files.writeString(file, "a\n");
        expect(1);
        append("d\n");
        expect(1, "d");
    }

    @Test
    void noticesThatTheFileWasCutAndHasGrownBeyondWhereItWas() throws IOException {
        append("a\nb\nc\n");
        expect(0, "a", "b", "c");
        Files.writeString(file, "a\nx\ny\nz\n");
        expect(1, "x", "y", "z");
        Files.delete(file);
        expect(0);
        append("new\n");
        expect(0, "new");
    }

    @Test
    void readsAFileOfManyMegabytesInParts() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 400_000; i++) {
            text.append("line ").append(i).append('\n');
        }
        append(text.toString());
        List<String> lines = new ArrayList<>();
        for (Tail.Change change = tail.read(); !change.added().isEmpty(); change = tail.read()) {
            assertThat(change.kept()).isEqualTo(lines.size());
            lines.addAll(change.added());
        }
        assertThat(lines).hasSize(400_000).endsWith("line 399999");
        Files.writeString(file, text.substring(0, text.indexOf("line 300000\n")) + "other\n");
        expect(300_000, "other");
    }

    @Test
    void followsARunThatIsKilledAndResumedAtRandom() throws IOException {
        Random random = new Random(3);
        List<String> there = new ArrayList<>();
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            if (random.nextInt(4) == 0) {
                there.subList(random.nextInt(there.size() + 1), there.size()).clear();
            }
            for (int more = random.nextInt(4); more > 0; more--) {
                there.add(random.nextInt(10) + " at " + i + " " + more);
            }
            Files.writeString(file,
                    String.join("", there.stream().map(line -> line + "\n").toList()) + "half".substring(random.nextInt(5)));
            if (random.nextInt(3) == 0) {
                Tail.Change change = tail.read();
                seen.subList(change.kept(), seen.size()).clear();
                seen.addAll(change.added());
                assertThat(seen).isEqualTo(there);
            }
        }
    }

    @Test
    void refusesAFileWithoutLines() throws IOException {
        append("x".repeat(2 << 20));
        assertThatThrownBy(tail::read).isInstanceOf(IOException.class).hasMessageContaining("no metrics file");
    }
}
