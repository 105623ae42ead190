package tributary.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StatelessRandomTest {
    private static final int DRAWS = 100_000;

    @Test
    void neighbouringCoordinatesGiveUnrelatedBits() {
        Set<Long> seen = new HashSet<>();
        for (int seed = -3; seed < 3; seed++) {
            for (int a = -10; a < 10; a++) {
                for (int b = -10; b < 10; b++) {
                    seen.add(StatelessRandom.bits(seed, a, b));
                }
            }
        }
        assertThat(seen).hasSize(6 * 20 * 20);
        for (int bit = 0; bit < 64; bit++) {
            int flips = 0;
            for (int i = 0; i < 1000; i++) {
                flips += Long.bitCount(StatelessRandom.bits(1, 2, i) ^ StatelessRandom.bits(1, 2, i ^ 1L << bit));
            }
            assertThat(flips / 1000.0).as("bit %d", bit).isCloseTo(32, within(1.0));
        }
    }

    @Test
    void boundedDrawsAreUniform() {
        int[] counts = new int[7];
        for (int i = 0; i < DRAWS; i++) {
            counts[(int) StatelessRandom.below(7, 5, i, 0)]++;
        }
        for (int count : counts) {
            assertThat((double) count).isCloseTo(DRAWS / 7.0, within(500.0));
        }
        // Two of three places of this bound would be drawn too often without rejection.
        long bound = 3L << 61;
        long low = 0;
        for (int i = 0; i < DRAWS; i++) {
            long draw = StatelessRandom.below(bound, 5, i, 1);
            assertThat(draw).isBetween(0L, bound - 1);
            low += draw % 3 == 0 ? 1 : 0;
        }
        assertThat((double) low).isCloseTo(DRAWS / 3.0, within(600.0));
        assertThat(StatelessRandom.below(1, 1, 2, 3)).isZero();
        assertThatThrownBy(() -> StatelessRandom.below(0, 1, 2, 3)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("0");
    }

    @Test
    void uniformAndNormalNumbersHaveTheirMoments() {
        double sum = 0;
        double normal = 0;
        double square = 0;
        double fourth = 0;
        for (int i = 0; i < DRAWS; i++) {
            double u = StatelessRandom.uniform(9, 1, i);
            assertThat(u >= 0 && u < 1).isTrue();
            sum += u;
            double g = StatelessRandom.gaussian(9, 2, i);
            normal += g;
            square += g * g;
            fourth += g * g * g * g;
        }
        assertThat(sum / DRAWS).isCloseTo(0.5, within(0.005));
        assertThat(normal / DRAWS).isCloseTo(0, within(0.015));
        assertThat(square / DRAWS).isCloseTo(1, within(0.02));
        assertThat(fourth / DRAWS).isCloseTo(3, within(0.15));
    }

    /// Runs have to give the same numbers in every later version.
    @Test
    void drawsNeverChange() {
        assertThat(StatelessRandom.bits(0, 0, 0)).isEqualTo(2558736989570252433L);
        assertThat(StatelessRandom.below(1000, 42, 7, 3)).isEqualTo(958L);
        assertThat(StatelessRandom.gaussian(42, 7, 3)).isEqualTo(2.4176466449507275);
        assertThat(StatelessRandom.seed(42, "batches")).isEqualTo(8513472150178823311L);
    }
}
