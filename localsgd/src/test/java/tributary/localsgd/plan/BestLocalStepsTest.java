package tributary.localsgd.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class BestLocalStepsTest {
    /// (1 + m / H) / e^2: 11, 2.5 and 4.4 with m = 10; 1.01, 1.24 and 4 with 0.01; 1001, 125 and 44 with 1000.
    @Test
    void narrowLinesAskForMoreLocalSteps() {
        Map<Integer, Double> sizes = Map.of(1, 1.0, 10, 0.9, 100, 0.5);
        assertThat(new BestLocalSteps(1, 10).among(sizes)).isEqualTo(10);
        assertThat(new BestLocalSteps(1, 0.01).among(sizes)).isEqualTo(1);
        assertThat(new BestLocalSteps(1, 1000).among(sizes)).isEqualTo(100);
    }

    /// Two workers, a megabit to exchange over a megabit a second: each sends as much as there is, in a second.
    @Test
    void fromWorkersAndLines() {
        BestLocalSteps best = BestLocalSteps.of(2, 4e9, 1e6 / 32, 1e9, 1e6);
        assertThat(best.compute()).isEqualTo(2);
        assertThat(best.merge()).isEqualTo(1);
    }
}
