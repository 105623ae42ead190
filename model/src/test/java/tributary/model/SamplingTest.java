package tributary.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplingTest {
    // Probabilities 0.1, 0.4, 0.2, 0.3.
    private static final float[] LOGITS = {(float) Math.log(1), (float) Math.log(4), (float) Math.log(2), (float) Math.log(3)};

    private static Set<Integer> drawn(Sampling sampling) {
        return IntStream.range(0, 2000).mapToObj(place -> sampling.draw(LOGITS, place)).collect(Collectors.toSet());
    }

    @Test
    void drawsFollowTheProbabilities() {
        int[] counts = new int[4];
        for (int place = 0; place < 40_000; place++) {
            counts[Sampling.plain(3).draw(LOGITS, place)]++;
        }
        double[] expected = {0.1, 0.4, 0.2, 0.3};
        for (int token = 0; token < 4; token++) {
            assertThat(counts[token] / 40_000.0).isCloseTo(expected[token], within(0.01));
        }
    }

    @Test
    void temperatureZeroTakesTheLikeliestAndTheFirstOfEquals() {
        assertThat(drawn(new Sampling(0, 4, 1, 1))).containsExactly(1);
        assertThat(new Sampling(0, 4, 1, 1).draw(new float[] {1, 2, 2}, 0)).isEqualTo(1);
    }

    @Test
    void topKAndTopPKeepTheLikeliestOnly() {
        assertThat(drawn(new Sampling(1, 2, 1, 1))).containsExactlyInAnyOrder(1, 3);
        assertThat(drawn(new Sampling(1, 4, 0.39, 1))).containsExactly(1);
        assertThat(drawn(new Sampling(1, 4, 0.65, 1))).containsExactlyInAnyOrder(1, 3);
        assertThat(drawn(new Sampling(1, 4, 0.75, 1))).containsExactlyInAnyOrder(1, 3, 2);
        assertThat(drawn(new Sampling(1, 100, 1, 1))).hasSize(4);
    }

    @Test
    void tokensAreKeptInTheOrderOfTheirLogitsAndTheirNumbers() {
        float[] logits = {-1, 0, -0f, 3e38f, Float.NEGATIVE_INFINITY, 3, -1e-40f, 3, 1e-40f, -3e38f};
        int[] order = {3, 5, 7, 8, 1, 2, 6, 0, 9, 4};
        for (int kept = 1; kept <= order.length; kept++) {
            // At such a temperature all that are kept are equally likely, but for the token that cannot be.
            Sampling sampling = new Sampling(1e45, kept, 1, 1);
            Set<Integer> drawn = IntStream.range(0, 500).mapToObj(place -> sampling.draw(logits, place)).collect(Collectors.toSet());
            assertThat(drawn).containsExactlyInAnyOrderElementsOf(
                    IntStream.range(0, Math.min(kept, 9)).mapToObj(i -> order[i]).toList());
        }
    }

    @Test
    void aDrawDependsOnSeedAndPlaceAlone() {
        assertThat(IntStream.range(0, 50).map(place -> Sampling.plain(5).draw(LOGITS, place)))
                .containsExactly(
                        IntStream.range(0, 50).map(place -> Sampling.plain(5).draw(LOGITS, place)).boxed().toArray(Integer[]::new));
        assertThat(IntStream.range(0, 50).map(place -> Sampling.plain(5).draw(LOGITS, place)).boxed().toList())
                .isNotEqualTo(IntStream.range(0, 50).map(place -> Sampling.plain(6).draw(LOGITS, place)).boxed().toList());
    }

    @Test
    void impossibleSettingsAreRefused() {
        assertThatThrownBy(() -> new Sampling(-1, 1, 1, 0)).hasMessageContaining("temperature -1.0");
        assertThatThrownBy(() -> new Sampling(1, 0, 1, 0)).hasMessageContaining("top-k 0");
        assertThatThrownBy(() -> new Sampling(1, 1, 0, 0)).hasMessageContaining("top-p 0.0");
        assertThatThrownBy(() -> new Sampling(1, 1, 1.5, 0)).hasMessageContaining("top-p 1.5");
    }
}
