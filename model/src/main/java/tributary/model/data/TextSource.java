package tributary.model.data;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// Finds text by a short description:
///
/// - a file of UTF-8 text; one whose name ends in `.gz` is unpacked;
/// - a folder: all text files below it, sorted by path;
/// - a `.zip` or `.jar` archive: all text in it, sorted by path; `archive.zip!path` only what is below that path;
/// - `jdk`: the sources of the running JDK below `java.base/java/util`, about nine million characters, without the licence
///   at the head of each file; `jdk:java.base/java` another part, `jdk:` all of them, about 200 million. Where the JDK comes
///   without sources, `jdk` gives its licence texts instead, with a remark.
///
/// A file or folder that is really named `jdk` is meant by `./jdk`.
public final class TextSource {
    private static final String JDK = "jdk";

    private TextSource() {}

    /// @throws DataException where there is no such text, or it is empty or not text; one line that says which
    public static Corpus open(String source) throws DataException {
        return open(source, Path.of(System.getProperty("java.home")));
    }

    /// All text of several sources as one.
    ///
    /// @param sources each in the words of [#open(String)]
    /// @throws DataException where there is no such text, or where sources have weights
    public static Corpus open(List<String> sources) throws DataException {
        List<Corpus> texts = new ArrayList<>();
        for (TextStream text : streams(sources)) {
            texts.add(text.corpus());
        }
        return new Corpus(
                texts.stream().map(Corpus::description).collect(Collectors.joining("; ")),
                texts.stream().flatMap(text -> text.documents().stream()).toList(),
                texts.stream().flatMap(text -> text.remarks().stream()).toList());
    }

    /// Several sources, each of which is taken as a whole.
    ///
    /// @throws DataException where there is no such text, or where sources have weights
    static List<TextStream> streams(List<String> sources) throws DataException {
        List<Mixture.Part> parts = Mixture.parse(Mixture.join(sources)).parts();
        if (parts.stream().mapToDouble(Mixture.Part::weight).distinct().count() > 1) {
            throw new DataException("data " + String.join(", ", sources)
                    + ": weights are for train, which mixes sources; here each is taken as a whole, so leave them out");
        }
        List<TextStream> streams = new ArrayList<>();
        for (Mixture.Part part : parts) {
            streams.add(stream(part.source()));
        }
        return streams;
    }

    static Corpus open(String source, Path javaHome) throws DataException {
        return stream(source, javaHome).corpus();
    }

    /// The same, to read a piece at a time.
    ///
    /// @throws DataException where there is no such text
    static TextStream stream(String source) throws DataException {
        return stream(source, Path.of(System.getProperty("java.home")));
    }

    private static TextStream stream(String source, Path javaHome) throws DataException {
        if (source.isBlank()) {
            throw new DataException("data: nothing is named; give a file, a folder, an archive, or " + JDK);
        }
        if (source.equals(JDK)) {
            return JdkSources.open(javaHome, Optional.empty());
        }
        if (source.startsWith(JDK + ":")) {
            return JdkSources.open(javaHome, Optional.of(source.substring(JDK.length() + 1)));
        }
        Path path = path(source);
        int mark = source.lastIndexOf('!');
        if (!Files.exists(path) && mark > 0 && isArchive(path(source.substring(0, mark)))) {
            return archive(path(source.substring(0, mark)), source.substring(mark + 1));
        }
        if (isArchive(path)) {
            return archive(path, "");
        }
        if (!Files.exists(path)) {
            throw new DataException(path + ": there is no such file or folder");
        }
        if (TokenFolder.isOne(path)) {
            throw new DataException(path + ": holds tokens and no text; only train takes them");
        }
        return Files.isDirectory(path) ? TextFiles.folder(path) : TextFiles.file(path);
    }

    private static TextStream archive(Path path, String prefix) throws DataException {
        if (!Files.exists(path)) {
            throw new DataException(path + ": there is no such archive");
        }
        return TextFiles.zip(path, prefix, _ -> true);
    }

    private static boolean isArchive(Path path) {
        String name = path.toString().toLowerCase(Locale.ROOT);
        return (name.endsWith(".zip") || name.endsWith(".jar")) && !Files.isDirectory(path);
    }

    private static Path path(String source) throws DataException {
        try {
            return Path.of(source);
        } catch (InvalidPathException impossible) {
            throw new DataException("data: " + source + " is no path: " + impossible.getMessage(), impossible);
        }
    }
}
