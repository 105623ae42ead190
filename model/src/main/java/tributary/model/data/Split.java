package tributary.model.data;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/// A corpus cut into text to train on and text to judge by.
///
/// Of several documents, whole ones are held back: in the order of a hash of their names, each that still fits into a
/// fortieth of the text. The default part of the JDK's sources gives about 230,000 characters so. Where that yields
/// less than a hundredth, and always of a single document, the last tenth of the characters of each is held back.
public record Split(Corpus training, Corpus validation) {
    private static final int WHOLE_SHARE = 40;
    private static final int LEAST_SHARE = 100;

    public static Split of(Corpus corpus) {
        Rule rule = Rule.of(corpus.documents().stream().map(Extent::of).toList());
        String how = rule.held.isEmpty() ? "the last tenth of the characters"
                : rule.held.size() + " of its " + corpus.documents().size() + " files";
        return new Split(
                new Corpus(corpus.description(), parts(corpus, rule::training), corpus.remarks()),
                new Corpus(corpus.description() + ", " + how, parts(corpus, rule::validation), List.of()));
    }

    private static List<Document> parts(Corpus corpus, Function<Piece, String> part) {
        return corpus.documents().stream().map(document -> new Document(document.name(), part.apply(Piece.whole(document))))
                .filter(document -> !document.text().isEmpty()).toList();
    }

    /// The SHA-256 of both parts: the same for the same text in the same split, wherever it was read from.
    public String sha256() {
        Digest digest = new Digest();
        for (Corpus part : List.of(training, validation)) {
            part.documents().forEach(document -> digest.add(document.text()));
            digest.endPart();
        }
        return digest.sha256();
    }

    /// Makes [#sha256] of documents that come one at a time.
    static final class Digest {
        /// Never a byte of UTF-8.
        private static final byte BOUNDARY = (byte) 0xFF;

        private final MessageDigest digest;

        Digest() {
            try {
                digest = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException absent) {
                throw new IllegalStateException("every Java has SHA-256", absent);
            }
        }

        void add(String text) {
            digest.update(text.getBytes(StandardCharsets.UTF_8));
        }

        void endPart() {
            digest.update(BOUNDARY);
        }

        String sha256() {
            return HexFormat.of().formatHex(digest.digest());
        }

        /// Of what has been added, more of which may follow.
        String soFar() {
            try {
                return HexFormat.of().formatHex(((MessageDigest) digest.clone()).digest());
            } catch (CloneNotSupportedException impossible) {
                throw new IllegalStateException("the SHA-256 of every Java can be copied", impossible);
            }
        }
    }

    /// A document without its text.
    ///
    /// @param length in UTF-16 units
    record Extent(String name, long length) {
        static Extent of(Document document) {
            return new Extent(document.name(), document.text().length());
        }
    }

    /// What of a document goes where; it takes no more than the lengths of all of them to know.
    ///
    /// @param held the names of the documents held back as a whole; none where tails are
    record Rule(Set<String> held) {
        static Rule of(List<Extent> documents) {
            if (documents.size() == 1) {
                return new Rule(Set.of());
            }
            List<Extent> order = new ArrayList<>(documents);
            order.sort(Comparator.comparingLong((Extent document) -> StatelessRandom.seed(0, document.name)).thenComparing(Extent::name));
            long total = documents.stream().mapToLong(Extent::length).sum();
            long room = total / WHOLE_SHARE;
            Set<String> held = new HashSet<>();
            for (Extent document : order) {
                if (document.length <= room) {
                    room -= document.length;
                    held.add(document.name);
                }
            }
            return new Rule((total / WHOLE_SHARE - room) * LEAST_SHARE >= total ? held : Set.of());
        }

        /// What of a piece is to train on, perhaps nothing.
        String training(Piece piece) {
            String text = piece.text();
            return held.isEmpty() ? text.substring(0, cut(piece)) : held.contains(piece.document()) ? "" : text;
        }

        /// What of a piece is to judge by, perhaps nothing.
        String validation(Piece piece) {
            String text = piece.text();
            return held.isEmpty() ? text.substring(cut(piece)) : held.contains(piece.document()) ? text : "";
        }
    }

    /// Where in a piece nine tenths of its document end, never between the halves of a surrogate pair.
    private static int cut(Piece piece) {
        String text = piece.text();
        int cut = Math.clamp(piece.length() * 9 / 10 - piece.from(), 0, text.length());
        return cut > 0 && cut < text.length() && Character.isSurrogatePair(text.charAt(cut - 1), text.charAt(cut)) ? cut - 1 : cut;
    }
}
