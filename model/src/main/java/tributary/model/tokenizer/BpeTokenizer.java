package tributary.model.tokenizer;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.format.FormatException;
import tributary.model.tokenizer.MergeTable.Merge;

/// Byte-level byte-pair encoding, as GPT-2 has it: a text is cut into [Words], a word's UTF-8 bytes are its first tokens,
/// and neighbours are joined, the pair that stands first in the list of merges first, until none of it is left. Every byte
/// is a token, so no text is without ids.
///
/// Sennrich, Haddow and Birch 2016, arXiv:1508.07909; over bytes: Radford et al. 2019. [BpeTrainer] makes one from a text.
///
/// Added tokens, such as `<|endoftext|>`, stand beside the merges: wherever their text occurs it is that one token; of
/// several that begin at the same place the longest.
public final class BpeTokenizer implements Tokenizer {
    static final String MODEL = "BPE";

    /// Words whose ids are remembered: nearly all of a text is the same few.
    private static final int REMEMBERED = 1 << 16;
    private static final int LONGEST_REMEMBERED = 64;

    /// A token that no merge makes.
    ///
    /// @param special whether it is markup and no text, such as the end of a document
    record AddedToken(String text, int id, boolean special) {}

    /// By id.
    private final byte[][] tokens;
    /// The id of each byte.
    private final int[] bytes = new int[ByteLevel.BYTES];
    private final List<Merge> merges;
    private final MergeTable table = new MergeTable();
    private final List<AddedToken> added;
    private final Map<String, Integer> addedIds;
    private final Optional<Pattern> addedPattern;
    private final Map<String, int[]> remembered = new ConcurrentHashMap<>();

    /// @param tokens the bytes of each token, by id; every single byte has to be one
    /// @param merges the first in the list goes first
    BpeTokenizer(List<byte[]> tokens, List<Merge> merges, List<AddedToken> added) {
        this.tokens = tokens.toArray(byte[][]::new);
        this.merges = List.copyOf(merges);
        this.added = List.copyOf(added);
        this.addedIds = added.stream().collect(Collectors.toMap(AddedToken::text, AddedToken::id));
        this.addedPattern = added.isEmpty() ? Optional.empty()
                : Optional.of(Pattern.compile(added.stream().map(AddedToken::text)
                        .sorted(Comparator.comparingInt(String::length).reversed())
                        .map(Pattern::quote)
                        .collect(Collectors.joining("|"))));
        Arrays.fill(bytes, -1);
        for (int id = 0; id < this.tokens.length; id++) {
            if (this.tokens[id].length == 1 && !isAdded(id)) {
                bytes[Byte.toUnsignedInt(this.tokens[id][0])] = id;
            }
        }
        for (int value = 0; value < bytes.length; value++) {
            if (bytes[value] < 0) {
                throw new IllegalArgumentException(
                        "byte 0x" + Integer.toHexString(value) + " (" + ByteLevel.name(value) + ") is no token; every byte has to be one");
            }
        }
        merges.forEach(table::add);
    }

    /// GPT-2's own, of 50,257 tokens: the same as its models were trained with.
    public static BpeTokenizer gpt2() {
        return Gpt2Tokenizer.make();
    }

    @Override
    public String name() {
        return "bpe";
    }

    @Override
    public int vocabularySize() {
        return tokens.length;
    }

    /// How many merges there are.
    public int merges() {
        return merges.size();
    }

    @Override
    public void encode(CharSequence text, IntConsumer into) {
        String whole = text.toString();
        int at = 0;
        if (addedPattern.isPresent()) {
            Matcher matcher = addedPattern.get().matcher(whole);
            while (matcher.find()) {
                encode(whole, at, matcher.start(), into);
                into.accept(addedIds.get(matcher.group()));
                at = matcher.end();
            }
        }
        encode(whole, at, whole.length(), into);
    }

    private void encode(String text, int from, int to, IntConsumer into) {
        Words.each(text, from, to, (start, end) -> {
            for (int id : ids(text.substring(start, end))) {
                into.accept(id);
            }
        });
    }

    @Override
    public int lastCut(String text) {
        int at = Words.lastCut(text, text.length());
        while (at > 0 && isInAdded(text, at)) {
            at = Words.lastCut(text, at);
        }
        return at;
    }

    /// Whether an added token stands, or with what follows the text might stand, on both sides of a place.
    private boolean isInAdded(String text, int at) {
        for (AddedToken token : added) {
            for (int start = Math.max(0, at - token.text.length() + 1); start < at; start++) {
                if (text.regionMatches(start, token.text, 0, Math.min(token.text.length(), text.length() - start))) {
                    return true;
                }
            }
        }
        return false;
    }

    private int[] ids(String word) {
        int[] known = remembered.get(word);
        if (known != null) {
            return known;
        }
        byte[] utf8 = word.getBytes(StandardCharsets.UTF_8);
        int[] ids = new int[utf8.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = bytes[Byte.toUnsignedInt(utf8[i])];
        }
        ids = table.merged(ids);
        if (word.length() <= LONGEST_REMEMBERED && remembered.size() < REMEMBERED) {
            remembered.put(word, ids);
        }
        return ids;
    }

    @Override
    public StreamDecoder decoder() {
        return new Utf8Stream(id -> {
            if (id < 0 || id >= tokens.length) {
                throw new IllegalArgumentException("bpe tokenizer: id " + id + " is not in the vocabulary of " + tokens.length);
            }
            return tokens[id];
        });
    }

    @Override
    public String json() {
        List<String> names = new ArrayList<>(tokens.length);
        for (byte[] token : tokens) {
            names.add(ByteLevel.name(token));
        }
        added.forEach(token -> names.set(token.id, token.text));
        return BpeFile.json(names, merges, added);
    }

    static BpeTokenizer read(Path file, ObjectNode root) throws FormatException {
        return BpeFile.read(file, root);
    }

    private boolean isAdded(int id) {
        return added.stream().anyMatch(token -> token.id == id);
    }
}
