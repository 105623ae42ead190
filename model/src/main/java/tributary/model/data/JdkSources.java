package tributary.model.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/// Text that is there wherever Java is: the sources in `lib/src.zip` of a JDK.
///
/// The comments at the head of a file that speak of its licence are dropped: they are the same in thousands of files. A
/// JDK without its sources still has the texts of its licences in `legal`; they are much less, and stand in with a remark.
final class JdkSources {
    static final String DEFAULT_PART = "java.base/java/util";

    private JdkSources() {}

    /// The documents come whole, however they are to be cut: none is long.
    ///
    /// @param home the folder of the JDK
    /// @param part a path in the archive, all where it is empty; without one [#DEFAULT_PART]
    static TextStream open(Path home, Optional<String> part) {
        return (_, taker) -> {
            Path archive = home.resolve("lib").resolve("src.zip");
            if (!Files.isRegularFile(archive)) {
                return legal(home, part, taker);
            }
            String prefix = part.orElse(DEFAULT_PART);
            AtomicInteger files = new AtomicInteger();
            TextStream.Reading sources;
            try {
                sources = TextFiles.zip(archive, prefix, name -> name.endsWith(".java")).each(Cutting.NEVER, source -> {
                    String text = withoutLicence(source.text());
                    if (!text.isBlank()) {
                        files.incrementAndGet();
                        taker.take(Piece.whole(new Document(source.document(), text)));
                    }
                });
            } catch (DataException none) {
                throw new DataException("jdk" + part.map(name -> ":" + name).orElse("") + ": " + none.getMessage()
                        + "; parts are named like jdk:java.base/java or jdk:java.desktop", none);
            }
            String description = "sources of the JDK in " + home + (prefix.isEmpty() ? "" : " below " + prefix) + ", " + files + " files";
            return new TextStream.Reading(description, sources.remarks());
        };
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

    private static TextStream.Reading legal(Path home, Optional<String> part, TextStream.Taker taker) throws DataException {
        String missing = "this JDK (" + home + ") comes without its sources, lib/src.zip";
        String mend = "install them (on Debian and Ubuntu the package openjdk-25-source), run on another JDK, or give a text with --data";
        Path folder = home.resolve("legal");
        if (part.isPresent() || !Files.isDirectory(folder)) {
            throw new DataException("jdk" + part.map(name -> ":" + name).orElse("") + ": " + missing + "; " + mend);
        }
        // Many modules carry the same texts.
        Set<String> seen = new HashSet<>();
        TextStream.Reading texts = TextFiles.folder(folder).each(Cutting.NEVER, text -> {
            if (seen.add(text.text())) {
                taker.take(text);
            }
        });
        List<String> remarks = new ArrayList<>(texts.remarks());
        remarks.add(missing + "; its licence texts stand in, " + seen.stream().mapToLong(String::length).sum() / 1000
                + " thousand characters. For better text " + mend);
        return new TextStream.Reading("licence texts of the JDK in " + home + ", " + seen.size() + " files", remarks);
    }
}
