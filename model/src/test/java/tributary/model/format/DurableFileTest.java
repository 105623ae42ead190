package tributary.model.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFileTest {
    @TempDir
    Path folder;

    @Test
    void aFailedWriteLeavesTheOldFileAndNothingElse() throws IOException {
        Path file = folder.resolve("state");
        DurableFile.writeString(file, "old");
        assertThatThrownBy(() -> DurableFile.write(file, channel -> {
            channel.write(ByteBuffer.wrap(new byte[100]));
            throw new IllegalStateException("out of ideas");
        })).hasMessage("out of ideas");
        assertThat(file).hasContent("old");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void aFullDiskIsReportedWithThePlace() throws IOException {
        Path file = folder.resolve("state");
        assertThatThrownBy(() -> DurableFile.write(file, channel -> {
            throw new IOException("No space left on device");
        })).isInstanceOf(IOException.class).hasMessage(file + " cannot be written: No space left on device");
        Files.createDirectories(folder.resolve("taken/inside"));
        assertThatThrownBy(() -> DurableFile.writeString(folder.resolve("taken"), "x")).isInstanceOf(IOException.class)
                .hasMessageContaining("taken cannot be written: ").hasMessageNotContaining("null");
        assertThat(folder.resolve(".taken.tmp")).doesNotExist();
    }

    @Test
    void theTargetIsWholeWhileTheNextContentIsWritten() throws IOException {
        Path file = folder.resolve("state");
        DurableFile.writeString(file, "old");
        DurableFile.write(file, channel -> {
            channel.write(ByteBuffer.wrap("new".getBytes()));
            assertThat(file).hasContent("old");
        });
        assertThat(file).hasContent("new");
    }

    @Test
    void whatAKilledProcessLeftIsOverwritten() throws IOException {
        Path file = folder.resolve("state");
        Files.writeString(folder.resolve(".state.tmp"), "a long and useless rest");
        DurableFile.writeString(file, "né");
        assertThat(file).hasContent("né");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void aMissingFolderIsNamed() {
        assertThatThrownBy(() -> DurableFile.writeString(folder.resolve("none/state"), "x"))
                .isInstanceOf(FormatException.class).hasMessageContaining("none");
    }
}
