package tributary.model.tokenizer;

/// GPT-2's cut of a text into words, which merges never cross: the matches, one after the other, of
///
///     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
///
/// A word takes the one space before it along; of several, the last. Radford et al. 2019, in the form of their published
/// code; letters, numbers and white space as the Unicode version of the running JDK has them.
final class Words {
    private static final byte LETTER = 0;
    private static final byte NUMBER = 1;
    private static final byte SPACE = 2;
    private static final byte OTHER = 3;
    private static final byte[] ASCII = new byte[0x80];

    static {
        for (int character = 0; character < ASCII.length; character++) {
            ASCII[character] = slowKind(character);
        }
    }

    /// Hears where words begin and end.
    interface Taker {
        void word(int start, int end);
    }

    private Words() {}

    /// Gives the words of `text` from `from` to before `to`; nothing beyond is looked at.
    static void each(CharSequence text, int from, int to, Taker taker) {
        int at = from;
        while (at < to) {
            int end = end(text, at, to);
            taker.word(at, end);
            at = end;
        }
    }

    /// The first place at or after `from` where a text can be cut without cutting a word, or `to`: before white space that
    /// follows something else.
    static int cut(CharSequence text, int from, int to) {
        for (int at = Math.max(from, 1); at < to; at++) {
            if (isCut(text, at)) {
                return at;
            }
        }
        return to;
    }

    /// The last such place before `before`, whatever follows it; 0 where there is none.
    static int lastCut(CharSequence text, int before) {
        for (int at = before - 1; at > 0; at--) {
            if (isCut(text, at)) {
                return at;
            }
        }
        return 0;
    }

    private static boolean isCut(CharSequence text, int at) {
        return kind(text.charAt(at)) == SPACE && kind(text.charAt(at - 1)) != SPACE;
    }

    private static int end(CharSequence text, int start, int to) {
        int first = Character.codePointAt(text, start);
        if (first == '\'') {
            int contraction = contraction(text, start + 1, to);
            if (contraction > 0) {
                return start + 1 + contraction;
            }
        }
        int at = start;
        if (first == ' ' && start + 1 < to) {
            int second = Character.codePointAt(text, start + 1);
            if (kind(second) != SPACE) {
                at = start + 1;
                first = second;
            }
        }
        byte kind = kind(first);
        at += Character.charCount(first);
        while (at < to) {
            int next = Character.codePointAt(text, at);
            if (kind(next) != kind) {
                // The last white space goes with what follows it, if it does not stand alone.
                return kind == SPACE && at - start > 1 ? at - 1 : at;
            }
            at += Character.charCount(next);
        }
        return at;
    }

    /// How many letters a contraction has after its apostrophe; 0 where there is none.
    private static int contraction(CharSequence text, int at, int to) {
        if (at >= to) {
            return 0;
        }
        char first = text.charAt(at);
        if (first == 's' || first == 't' || first == 'm' || first == 'd') {
            return 1;
        }
        if (at + 1 >= to) {
            return 0;
        }
        char second = text.charAt(at + 1);
        return (first == 'r' || first == 'v') && second == 'e' || first == 'l' && second == 'l' ? 2 : 0;
    }

    private static byte kind(int codePoint) {
        return codePoint < ASCII.length ? ASCII[codePoint] : slowKind(codePoint);
    }

    private static byte slowKind(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.UPPERCASE_LETTER, Character.LOWERCASE_LETTER, Character.TITLECASE_LETTER, Character.MODIFIER_LETTER,
                    Character.OTHER_LETTER ->
                LETTER;
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> NUMBER;
            case Character.SPACE_SEPARATOR, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> SPACE;
            default -> codePoint >= '\t' && codePoint <= '\r' || codePoint == 0x85 ? SPACE : OTHER;
        };
    }
}
