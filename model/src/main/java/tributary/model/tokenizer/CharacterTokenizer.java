package tributary.model.tokenizer;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.IntConsumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.format.FormatException;
import tributary.model.json.JsonFile;

/// One id per character (Unicode code point), in the order of the code points.
///
/// The vocabulary is made from a text. A character belongs to it where the text has at least one of them for each whole
/// million of its characters: a text shorter than two million keeps every one, and in a long text the few that stand in
/// some author's name do not each cost a row of the model. Those fold into one id, the unknown character, which decodes
/// as U+FFFD and later also stands for characters never seen. Where nothing was folded there is no such id, and an unseen
/// character is an error.
public final class CharacterTokenizer implements Tokenizer {
    static final String MODEL = "WordLevel";

    private static final int UNKNOWN = 0xFFFD;
    private static final String UNKNOWN_TEXT = Character.toString(UNKNOWN);
    private static final long WHOLE = 1_000_000;
    /// Any one character, line ends included.
    private static final String PATTERN = "[\\s\\S]";
    /// In the table of ids: no such character.
    private static final int ABSENT = -1;

    private final int[] codePoints;
    /// By code point, up to the largest of the vocabulary.
    private final int[] ids;
    private final int unknown;

    private CharacterTokenizer(int[] codePoints) {
        this.codePoints = codePoints;
        this.ids = new int[Arrays.stream(codePoints).max().orElseThrow() + 1];
        Arrays.fill(ids, ABSENT);
        for (int id = 0; id < codePoints.length; id++) {
            ids[codePoints[id]] = id;
        }
        this.unknown = UNKNOWN < ids.length ? ids[UNKNOWN] : ABSENT;
    }

    /// The vocabulary of a text in one or more pieces.
    ///
    /// @throws IllegalArgumentException where there is no character at all
    public static CharacterTokenizer of(Iterable<? extends CharSequence> texts) {
        long[] counts = new long[Character.MAX_CODE_POINT + 1];
        long total = 0;
        for (CharSequence text : texts) {
            for (int i = 0; i < text.length();) {
                int codePoint = codePoint(text, i);
                counts[codePoint]++;
                total++;
                i += Character.charCount(codePoint);
            }
        }
        if (total == 0) {
            throw new IllegalArgumentException("character tokenizer: the text is empty");
        }
        long least = Math.max(1, total / WHOLE);
        for (int codePoint = 0; codePoint < counts.length; codePoint++) {
            if (counts[codePoint] > 0 && counts[codePoint] < least) {
                counts[codePoint] = 0;
                counts[UNKNOWN] += least;
            }
        }
        int[] kept = new int[counts.length];
        int size = 0;
        for (int codePoint = 0; codePoint < counts.length; codePoint++) {
            if (counts[codePoint] > 0) {
                kept[size++] = codePoint;
            }
        }
        return new CharacterTokenizer(Arrays.copyOf(kept, size));
    }

    @Override
    public String name() {
        return "char";
    }

    @Override
    public int vocabularySize() {
        return codePoints.length;
    }

    /// Whether rare and unseen characters have an id, the one that decodes as U+FFFD.
    public boolean hasUnknown() {
        return unknown != ABSENT;
    }

    @Override
    public void encode(CharSequence text, IntConsumer into) {
        for (int i = 0; i < text.length();) {
            int codePoint = codePoint(text, i);
            int id = codePoint < ids.length ? ids[codePoint] : ABSENT;
            if (id == ABSENT) {
                id = unknown;
            }
            if (id == ABSENT) {
                throw new IllegalArgumentException("character tokenizer: '" + Character.toString(codePoint) + "' (U+"
                        + HexFormat.of().withUpperCase().toHexDigits(codePoint, codePoint > 0xFFFF ? 6 : 4) + ") at place " + i
                        + " of the text is not among the " + codePoints.length + " characters of the vocabulary");
            }
            into.accept(id);
            i += Character.charCount(codePoint);
        }
    }

    @Override
    public StreamDecoder decoder() {
        return new StreamDecoder() {
            @Override
            public String accept(int id) {
                if (id < 0 || id >= codePoints.length) {
                    throw new IllegalArgumentException(
                            "character tokenizer: id " + id + " is not in the vocabulary of " + codePoints.length);
                }
                return Character.toString(codePoints[id]);
            }

            @Override
            public String end() {
                return "";
            }
        };
    }

    @Override
    public String json() {
        ObjectNode root = TokenizerFile.frame();
        ObjectNode split = root.putObject("pre_tokenizer");
        split.put("type", "Split");
        split.putObject("pattern").put("Regex", PATTERN);
        split.put("behavior", "Isolated");
        split.put("invert", false);
        root.putObject("decoder").put("type", "Fuse");
        ObjectNode model = root.putObject("model");
        model.put("type", MODEL);
        ObjectNode vocabulary = model.putObject("vocab");
        for (int id = 0; id < codePoints.length; id++) {
            vocabulary.put(Character.toString(codePoints[id]), id);
        }
        model.put("unk_token", UNKNOWN_TEXT);
        return JsonFile.text(root);
    }

    static CharacterTokenizer read(Path file, ObjectNode root) throws FormatException {
        JsonNode split = root.path("pre_tokenizer");
        if (!split.path("type").asString("").equals("Split") || !split.path("behavior").asString("").equals("Isolated")
                || !split.path("pattern").path("Regex").asString("").equals(PATTERN)) {
            throw new FormatException(file + ": " + MODEL + " is supported only with a pre_tokenizer that splits at " + PATTERN);
        }
        if (!root.path("model").path("unk_token").asString("").equals(UNKNOWN_TEXT)) {
            throw new FormatException(file + ": " + MODEL + " is supported only with U+FFFD as its unk_token");
        }
        String[] tokens = TokenizerFile.vocabulary(file, root);
        int[] codePoints = new int[tokens.length];
        for (int id = 0; id < tokens.length; id++) {
            if (tokens[id].codePointCount(0, tokens[id].length()) != 1) {
                throw new FormatException(file + ": model.vocab: token \"" + tokens[id] + "\" is not a single character");
            }
            codePoints[id] = tokens[id].codePointAt(0);
        }
        return new CharacterTokenizer(codePoints);
    }

    /// Half a surrogate pair is no character and cannot be stored; it counts as unknown.
    private static int codePoint(CharSequence text, int index) {
        int codePoint = Character.codePointAt(text, index);
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE ? UNKNOWN : codePoint;
    }
}
