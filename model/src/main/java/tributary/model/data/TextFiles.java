package tributary.model.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
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
    private static final int LARGEST = Integer.MAX_VALUE - 8;
    /// A zero byte among so many tells a binary file without reading all of it.
    private static final int HEAD = 8192;

    private TextFiles() {}

    /// One file, unpacked where its name ends in `.gz`.
    static TextStream file(Path path) {
        return taker -> {
            String text = read(path, path.toString());
            if (text.isBlank()) {
                throw new DataException(path + ": the file is empty");
            }
            taker.take(new Document(path.getFileName().toString(), text));
            return new TextStream.Reading(path.toString(), List.of());
        };
    }

    /// All text files below a folder.
    static TextStream folder(Path folder) {
        return taker -> {
            List<Path> files;
            try (Stream<Path> below = Files.walk(folder)) {
                files = below.filter(Files::isRegularFile).filter(path -> !hidden(name(folder, path))).toList();
            } catch (IOException | UncheckedIOException unreadable) {
                throw new DataException(folder + ": cannot be read: " + unreadable.getMessage(), unreadable);
            }
            Sieve sieve = new Sieve(taker);
            for (Path file : files.stream().sorted(Comparator.comparing(path -> name(folder, path))).toList()) {
                sieve.take(name(folder, file), () -> read(file, file.toString()));
            }
            return sieve.reading(folder.toString(), "there is no text in this folder");
        };
    }

    /// The entries of a zip archive below a prefix, all where it is empty, whose names `wanted` takes.
    static TextStream zip(Path archive, String prefix, Predicate<String> wanted) {
        String folder = prefix.isEmpty() || prefix.endsWith("/") ? prefix : prefix + "/";
        String place = prefix.isEmpty() ? archive.toString() : archive + "!" + prefix;
        return taker -> {
            try (ZipFile zip = new ZipFile(archive.toFile())) {
                List<? extends ZipEntry> entries = zip.stream()
                        .filter(entry -> !entry.isDirectory() && (entry.getName().startsWith(folder) || entry.getName().equals(prefix)))
                        .filter(entry -> !hidden(entry.getName()) && wanted.test(entry.getName()))
                        .sorted(Comparator.comparing(ZipEntry::getName))
                        .toList();
                Sieve sieve = new Sieve(taker);
                for (ZipEntry entry : entries) {
                    sieve.take(entry.getName(), () -> read(zip, entry, archive + "!" + entry.getName()));
                }
                return sieve.reading(place, prefix.isEmpty() ? "there is no text in this archive" : "there is no text below this prefix");
            } catch (DataException known) {
                throw known;
            } catch (IOException | IllegalArgumentException broken) {
                throw new DataException(archive + ": not a zip archive that can be read: " + broken.getMessage(), broken);
            }
        };
    }

    private interface Reader {
        String read() throws DataException;
    }

    /// Passes on what is text and notes what is not.
    private static final class Sieve {
        private final TextStream.Taker taker;
        private final List<String> left = new ArrayList<>();
        private boolean empty = true;

        Sieve(TextStream.Taker taker) {
            this.taker = taker;
        }

        void take(String name, Reader reader) throws DataException {
            String text;
            try {
                text = reader.read();
            } catch (DataException notText) {
                left.add(notText.getMessage());
                return;
            }
            if (!text.isBlank()) {
                empty = false;
                taker.take(new Document(name, text));
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

    private static String read(Path path, String place) throws DataException {
        boolean packed = path.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".gz");
        try (InputStream raw = Files.newInputStream(path)) {
            if (packed) {
                try (InputStream in = new GZIPInputStream(raw, 1 << 16)) {
                    return read(in, place);
                }
            }
            return read(raw, place);
        } catch (DataException known) {
            throw known;
        } catch (AccessDeniedException denied) {
            throw new DataException(place + ": cannot be read: access denied", denied);
        } catch (IOException broken) {
            throw new DataException(place + (packed ? ": not a gzip file that can be read: " : ": cannot be read: ") + broken.getMessage(),
                    broken);
        }
    }

    private static String read(ZipFile zip, ZipEntry entry, String place) throws DataException {
        try (InputStream in = zip.getInputStream(entry)) {
            return read(in, place);
        } catch (DataException known) {
            throw known;
        } catch (IOException broken) {
            throw new DataException(place + ": cannot be unpacked: " + broken.getMessage(), broken);
        }
    }

    private static String read(InputStream raw, String place) throws IOException {
        BufferedInputStream in = new BufferedInputStream(raw, HEAD);
        in.mark(HEAD);
        byte[] head = in.readNBytes(HEAD);
        for (byte b : head) {
            if (b == 0) {
                throw new DataException(place + ": not text: a zero byte among the first " + head.length);
            }
        }
        in.reset();
        byte[] bytes = in.readNBytes(LARGEST);
        if (in.read() >= 0) {
            throw new DataException(place + ": more than " + LARGEST + " bytes; cut the file into a folder of several");
        }
        return Utf8.decode(bytes, place);
    }

    private static String name(Path folder, Path file) {
        return folder.relativize(file).toString().replace(file.getFileSystem().getSeparator(), "/");
    }

    private static boolean hidden(String name) {
        return name.startsWith(".") || name.contains("/.");
    }
}
