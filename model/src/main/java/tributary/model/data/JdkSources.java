package tributary.model.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Text that is there wherever Java is: the sources in `lib/src.zip` of a JDK.
///
/// The comments at the head of a file that speak of its licence are dropped: they are the same in thousands of files. A
/// JDK without its sources still has the texts of its licences in `legal`; they are much less, and stand in with a remark.
final class JdkSources {
    static final String DEFAULT_PART = "java.base/java/util";

    private JdkSources() {}

    /// @param home the folder of the JDK
    /// @param part a path in the archive, all where it is empty; without one [#DEFAULT_PART]
    static Corpus open(Path home, Optional<String> part) throws DataException {
        Path archive = home.resolve("lib").resolve("src.zip");
        if (!Files.isRegularFile(archive)) {
            return legal(home, part);
        }
        String prefix = part.orElse(DEFAULT_PART);
        Corpus sources;
        try {
            sources = TextFiles.zip(archive, prefix, name -> name.endsWith(".java"));
        } catch (DataException none) {
            throw new DataException("jdk" + part.map(name -> ":" + name).orElse("") + ": " + none.getMessage()
                    + "; parts are named like jdk:java.base/java or jdk:java.desktop", none);
        }
        List<Document> documents = sources.documents().stream()
                .map(document -> new Document(document.name(), withoutLicence(document.text())))
                .filter(document -> !document.text().isBlank())
                .toList();
        String description = "sources of the JDK in " + home + (prefix.isEmpty() ? "" : " below " + prefix) + ", " + documents.size()
                + " files";
        return new Corpus(description, documents, sources.remarks());
    }

    /// The text from the first line on that is not part of a licence comment.
    static String withoutLicence(String text) {
        String rest = text;
        while (true) {
            String start = rest.stripLeading();
            int end = start.startsWith("/*") ? start.indexOf("*/", 2) : -1;
            if (end < 0 || !speaksOfLicence(start.substring(0, end))) {
                return rest == text ? text : start;
            }
            rest = start.substring(end + 2);
        }
    }

    private static boolean speaksOfLicence(String comment) {
        String lower = comment.toLowerCase(Locale.ROOT);
        return lower.contains("copyright") || lower.contains("license") || lower.contains("licence");
    }

    private static Corpus legal(Path home, Optional<String> part) throws DataException {
        String missing = "this JDK (" + home + ") comes without its sources, lib/src.zip";
        String mend = "install them (on Debian and Ubuntu the package openjdk-25-source), run on another JDK, or give a text with --data";
        Path folder = home.resolve("legal");
        if (part.isPresent() || !Files.isDirectory(folder)) {
            throw new DataException("jdk" + part.map(name -> ":" + name).orElse("") + ": " + missing + "; " + mend);
        }
        Corpus texts = TextFiles.folder(folder);
        // Many modules carry the same texts.
        Set<String> seen = new HashSet<>();
        List<Document> documents = texts.documents().stream().filter(document -> seen.add(document.text())).toList();
        List<String> remarks = new ArrayList<>(texts.remarks());
        remarks.add(
                missing + "; its licence texts stand in, " + documents.stream().mapToLong(document -> document.text().length()).sum() / 1000
                        + " thousand characters. For better text " + mend);
        return new Corpus("licence texts of the JDK in " + home + ", " + documents.size() + " files", documents, remarks);
    }
}
