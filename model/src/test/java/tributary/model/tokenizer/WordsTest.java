package tributary.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class WordsTest {
    /// As GPT-2's code has it; \s is Unicode's white space.
    private static final Pattern GPT2 = Pattern.compile(
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+", Pattern.UNICODE_CHARACTER_CLASS);

    @Test
    void wordsAreTheMatchesOfTheExpression() {
        Random random = new Random(1);
        for (int trial = 0; trial < 3000; trial++) {
            String text = randomText(random, random.nextInt(40));
            assertThat(words(text)).as(text).isEqualTo(matches(text));
        }
    }

    @Test
    void aCutLeavesTheWordsAsTheyAre() {
        Random random = new Random(2);
        for (int trial = 0; trial < 1000; trial++) {
            String text = randomText(random, 40);
            int cut = Words.cut(text, random.nextInt(text.length()), text.length());
            List<String> words = words(text.substring(0, cut));
            words.addAll(words(text.substring(cut)));
            assertThat(words).as(text).isEqualTo(matches(text));
            int last = Words.lastCut(text, 1 + random.nextInt(text.length()));
            List<String> parts = words(text.substring(0, last));
            parts.addAll(words(text.substring(last)));
            assertThat(parts).as(text).isEqualTo(matches(text));
        }
    }

    @Test
    void countsOfLongTextsAreSums() {
        Random random = new Random(3);
        List<String> texts = List.of(randomText(random, 1_500_000), "", "one two two", randomText(random, 300));
        Map<String, Long> expected = new HashMap<>();
        texts.forEach(text -> matches(text).forEach(word -> expected.merge(word, 1L, Long::sum)));
        Map<String, Long> counted = new HashMap<>();
        WordCounts counts = new WordCounts();
        texts.forEach(counts::add);
        counts.all().forEach((word, count) -> counted.put(word, count[0]));
        assertThat(counted).isEqualTo(expected);
    }

    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        Words.each(text, 0, text.length(), (start, end) -> words.add(text.substring(start, end)));
        return words;
    }

    private static List<String> matches(String text) {
        List<String> matches = new ArrayList<>();
        Matcher matcher = GPT2.matcher(text);
        while (matcher.find()) {
            matches.add(matcher.group());
        }
        return matches;
    }

    /// Text in which everything the expression knows is frequent.
    static String randomText(Random random, int length) {
        String frequent = "   \n\n\t\r'''stremvld abzé日1½²Ⅷ._-\u00a0\u2003\u0085\u2028\u001c\u200b";
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            int codePoint = random.nextInt(10) > 0 ? frequent.charAt(random.nextInt(frequent.length()))
                    : random.nextInt(Character.MAX_CODE_POINT + 1);
            text.appendCodePoint(codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE ? 0x1F642 : codePoint);
        }
        return text.toString();
    }
}
