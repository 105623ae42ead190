package tributary.model.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    private static double[] rates(Schedule schedule, int... steps) {
        return IntStream.of(steps).mapToDouble(schedule::lr).toArray();
    }

    @Test
    void cosineRisesFallsHalfwayAndEndsAtTheMinimum() {
        Schedule schedule = new Schedule.WarmupCosine(1.0, 0.2, 4, 24);
        assertThat(rates(schedule, 0, 1, 3, 4, 14, 24)).containsExactly(new double[] {0.25, 0.5, 1.0, 1.0, 0.6, 0.2}, within(1e-12));
        IntStream.range(4, 24).forEach(step -> assertThat(schedule.lr(step + 1)).isLessThan(schedule.lr(step)));
    }

    @Test
    void warmupStableDecayFallsOverTheLastFifthOnly() {
        Schedule schedule = new Schedule.WarmupStableDecay(1.0, 0.0, 2, 20);
        assertThat(rates(schedule, 0, 1, 2, 10, 16, 18, 20)).containsExactly(new double[] {0.5, 1, 1, 1, 1, 0.5, 0}, within(1e-12));
    }

    @Test
    void constantIsConstant() {
        assertThat(rates(new Schedule.Constant(0.3), 0, 7, 100)).containsOnly(0.3);
    }

    @Test
    void impossibleSchedulesAreRefused() {
        assertThatThrownBy(() -> new Schedule.Constant(0)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("lr 0.0");
        assertThatThrownBy(() -> new Schedule.WarmupCosine(1, 2, 1, 10)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("min-lr 2.0");
        assertThatThrownBy(() -> new Schedule.WarmupStableDecay(1, 0, 11, 10)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("warmup 11");
    }
}
