package tributary.model.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileTreeTest {

    @Test
    void deletesTheFolderAndNothingBesideIt(@TempDir Path temp) throws IOException {
        Path root = Files.createDirectories(temp.resolve("a/b/c")).getParent();
        Files.writeString(root.resolve("c/file"), "x");
        Files.writeString(root.resolve("file"), "y");
        Path beside = Files.writeString(temp.resolve("a/b-file"), "z");
        FileTree.delete(root);
        FileTree.delete(root);
        assertThat(root).doesNotExist();
        assertThat(beside).exists();
    }
}
