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

/// A corpus cut into text to train on and text to judge by.
///
/// Of several documents, whole ones are held back: in the order of a hash of their names, each that still fits into a
/// fortieth of the text. The default part of the JDK's sources gives about 230,000 characters so. Where that yields
/// less than a hundredth, and always of a single document, the last tenth of the characters of each is held back.
public record Split(Corpus training, Corpus validation) {
    private static final int WHOLE_SHARE = 40;
    private static final int LEAST_SHARE = 100;
    /// Never a byte of UTF-8.
    private static final byte BOUNDARY = (byte) 0xFF;

    public static Split of(Corpus corpus) {
        Set<Document> held = heldBack(corpus);
        List<Document> training = new ArrayList<>();
        List<Document> validation = new ArrayList<>();
        for (Document document : corpus.documents()) {
            if (held.isEmpty()) {
                int cut = cut(document.text());
                add(training, document.name(), document.text().substring(0, cut));
                add(validation, document.name(), document.text().substring(cut));
            } else {
                (held.contains(document) ? validation : training).add(document);
            }
        }
        String how = held.isEmpty() ? "the last tenth of the characters" : held.size() + " of its " + corpus.documents().size() + " files";
        return new Split(
                new Corpus(corpus.description(), training, corpus.remarks()),
                new Corpus(corpus.description() + ", " + how, validation, List.of()));
    }

    /// The SHA-256 of both parts: the same for the same text in the same split, wherever it was read from.
    public String sha256() {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException("every Java has SHA-256", absent);
        }
        for (Corpus part : List.of(training, validation)) {
            for (Document document : part.documents()) {
                digest.update(document.text().getBytes(StandardCharsets.UTF_8));
            }
            digest.update(BOUNDARY);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /// The documents held back as a whole; none where tails are.
    private static Set<Document> heldBack(Corpus corpus) {
        Set<Document> held = new HashSet<>();
        if (corpus.documents().size() == 1) {
            return held;
        }
        List<Document> order = new ArrayList<>(corpus.documents());
        order.sort(Comparator.comparingLong((Document document) -> StatelessRandom.seed(0, document.name())).thenComparing(Document::name));
        long total = corpus.length();
        long room = total / WHOLE_SHARE;
        for (Document document : order) {
            if (document.text().length() <= room) {
                room -= document.text().length();
                held.add(document);
            }
        }
        return (total / WHOLE_SHARE - room) * LEAST_SHARE >= total ? held : Set.of();
    }

    /// Nine tenths of the text, never between the halves of a surrogate pair.
    private static int cut(String text) {
        int cut = (int) (text.length() * 9L / 10);
        return cut > 0 && Character.isSurrogatePair(text.charAt(cut - 1), text.charAt(cut)) ? cut - 1 : cut;
    }

    private static void add(List<Document> to, String name, String text) {
        if (!text.isEmpty()) {
            to.add(new Document(name, text));
        }
    }
}
