package tributary.model.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// Reads documents from files, folders and zip archives.
///
/// In a folder or archive everything below counts, sorted by path; what is hidden (a name that begins with a dot) is
/// passed over, and what is empty; what is not UTF-8 text is passed over with a remark. A single file has to be text.
final class TextFiles {
    private TextFiles() {}

    /// One file, unpacked where its name ends in `.gz`.
    static TextStream file(Path path) {
        return (cutting, taker) -> {
            TextFile.Text text = source(path, path.getFileName().toString()).text(cutting)
                    .orElseThrow(() -> new DataException(path + ": the file is empty"));
            text.giveTo(taker);
            return new TextStream.Reading(path.toString(), List.of());
        };
    }

    /// All text files below a folder.
    static TextStream folder(Path folder) {
        return (cutting, taker) -> {
            List<Path> files;
            try (Stream<Path> below = Files.walk(folder)) {
                files = below.filter(Files::isRegularFile).filter(path -> !hidden(name(folder, path))).toList();
            } catch (IOException | UncheckedIOException unreadable) {
                throw new DataException(folder + ": cannot be read: " + unreadable.getMessage(), unreadable);
            }
            Sieve sieve = new Sieve(cutting, taker);
            for (Path file : files.stream().sorted(Comparator.comparing(path -> name(folder, path))).toList()) {
                sieve.take(source(file, name(folder, file)));
            }
            return sieve.reading(folder.toString(), "there is no text in this folder");
        };
    }

    /// The entries of a zip archive below a prefix, all where it is empty, whose names `wanted` takes.
    static TextStream zip(Path archive, String prefix, Predicate<String> wanted) {
        String folder = prefix.isEmpty() || prefix.endsWith("/") ? prefix : prefix + "/";
        String place = prefix.isEmpty() ? archive.toString() : archive + "!" + prefix;
        return (cutting, taker) -> {
            try (ZipFile zip = new ZipFile(archive.toFile())) {
                List<? extends ZipEntry> entries = zip.stream()
                        .filter(entry -> !entry.isDirectory() && (entry.getName().startsWith(folder) || entry.getName().equals(prefix)))
                        .filter(entry -> !hidden(entry.getName()) && wanted.test(entry.getName()))
                        .sorted(Comparator.comparing(ZipEntry::getName))
                        .toList();
                Sieve sieve = new Sieve(cutting, taker);
                for (ZipEntry entry : entries) {
                    sieve.take(new TextFile(entry.getName(), archive + "!" + entry.getName(), "cannot be unpacked",
                            () -> zip.getInputStream(entry)));
                }
                return sieve.reading(place, prefix.isEmpty() ? "there is no text in this archive" : "there is no text below this prefix");
            } catch (DataException known) {
                throw known;
            } catch (IOException | IllegalArgumentException broken) {
                throw new DataException(archive + ": not a zip archive that can be read: " + broken.getMessage(), broken);
            }
        };
    }

    /// Passes on what is text and notes what is not.
    private static final class Sieve {
        private final Cutting cutting;
        private final TextStream.Taker taker;
        private final List<String> left = new ArrayList<>();
        private boolean empty = true;

        Sieve(Cutting cutting, TextStream.Taker taker) {
            this.cutting = cutting;
            this.taker = taker;
        }

        void take(TextFile file) throws DataException {
            Optional<TextFile.Text> text;
            try {
                text = file.text(cutting);
            } catch (DataException notText) {
                left.add(notText.getMessage());
                return;
            }
            if (text.isPresent()) {
                empty = false;
                text.get().giveTo(taker);
            }
        }

        TextStream.Reading reading(String place, String complaint) throws DataException {
            if (empty) {
                throw new DataException(place + ": " + complaint
                        + (left.isEmpty() ? "" : "; " + left.size() + " files cannot be used, the first: " + left.getFirst()));
            }
            List<String> remarks = left.isEmpty() ? List.of()
                    : List.of(
                            place + ": left out " + left.size() + (left.size() == 1 ? " file: " : " files, the first: ") + left.getFirst());
            return new TextStream.Reading(place, remarks);
        }
    }

    private static TextFile source(Path path, String name) {
        boolean packed = path.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".gz");
        return packed
                ? new TextFile(name, path.toString(), "not a gzip file that can be read", () -> unpacked(path))
                : new TextFile(name, path.toString(), "cannot be read", () -> Files.newInputStream(path));
    }

    private static InputStream unpacked(Path path) throws IOException {
        InputStream raw = Files.newInputStream(path);
        try {
            return new GZIPInputStream(raw, 1 << 16);
        } catch (IOException broken) {
            raw.close();
            throw broken;
        }
    }

    private static String name(Path folder, Path file) {
        return folder.relativize(file).toString().replace(file.getFileSystem().getSeparator(), "/");
    }

    private static boolean hidden(String name) {
        return name.startsWith(".") || name.contains("/.");
    }
}
