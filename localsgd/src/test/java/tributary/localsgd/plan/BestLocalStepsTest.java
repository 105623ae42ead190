package tributary.localsgd.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tributary.localsgd.laws.Interval;

class BestLocalStepsTest {
    @Test
    void noOtherHIsSooner() {
        double g = -0.15;
        double soonest = IntStream.rangeClosed(1, 10_000).boxed()
                .min(Comparator.comparingDouble(H -> (0.02 + 1.5 / H) * Math.pow(H, -2 * g))).orElseThrow();
        assertThat(new BestLocalSteps(0.02, 1.5, 1, 10_000).at(g)).isCloseTo(soonest, offset(0.5));
    }

    @Test
    void staysAmongTheMeasured() {
        BestLocalSteps best = new BestLocalSteps(0.02, 1.5, 10, 100);
        assertThat(best.at(-0.15)).isEqualTo(100); // 175
        assertThat(best.at(-0.6)).isEqualTo(10); // every local step costs more than it saves
        assertThat(best.at(0.1)).isEqualTo(100); // local steps cost nothing
        assertThat(best.at(new Interval(-0.6, -0.3))).isEqualTo(new Interval(10, 50));
    }

    /// Two workers, a megabit to exchange over a megabit a second: each sends as much as there is, in a second.
    @Test
    void fromWorkersAndLines() {
        BestLocalSteps best = BestLocalSteps.of(2, 4e9, 1e6 / 32, 1e9, 1e6, 1, 100);
        assertThat(best.compute()).isEqualTo(2);
        assertThat(best.merge()).isEqualTo(1);
    }
}
