package tributary.model.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// Replaces a file as a whole or not at all.
///
/// The content goes into a file beside the target, is forced to disk, and takes the target's name in one atomic step.
/// Whoever reads the target, at whatever moment the process is killed, finds the old content or the new, never a piece.
/// A content that fails leaves the old file as it was. One writer at a time per target.
public final class DurableFile {

    /// What to write; called once with an empty file.
    public interface Content {
        void writeTo(FileChannel channel) throws IOException;
    }

    private DurableFile() {}

    /// @throws IOException where the folder is missing or cannot be written, or the disk is full
    public static void write(Path target, Content content) throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new FormatException(target + " cannot be written: there is no folder " + folder);
        }
        // Always the same name, so that a killed process leaves at most one such file and the next write reuses it.
        Path temporary = folder.resolve("." + target.getFileName() + ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(temporary,
                    StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                content.writeTo(channel);
                channel.force(true);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failure) {
            delete(temporary, failure);
            throw new IOException(target + " cannot be written: " + reason(failure), failure);
        } catch (RuntimeException | Error failure) {
            delete(temporary, failure);
            throw failure;
        }
        forceFolder(folder);
    }

    /// Writes a text as UTF-8.
    public static void writeString(Path target, String text) throws IOException {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
        write(target, channel -> {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        });
    }

    private static void delete(Path temporary, Throwable failure) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException left) {
            failure.addSuppressed(left);
        }
    }

    /// The message of a file system's exception is mostly the bare path.
    private static String reason(IOException failure) {
        if (failure instanceof FileSystemException system) {
            return system.getReason() == null ? system.getClass().getSimpleName() : system.getReason();
        }
        return failure.getMessage();
    }

    /// The new name is an entry of the folder, which has to reach the disk as well.
    private static void forceFolder(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException unsupported) {
            // Windows cannot open a folder; the rename itself has succeeded, so the file is whole either way.
        }
    }
}
