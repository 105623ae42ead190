package tributary.localsgd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Virtual time, counted by hand.
class PaceTest {

    @Test
    void equalReplicasTakeOneStepInEveryGlobalStep() {
        Pace pace = new Pace(700, 700, 700);
        for (int s = 0; s < 50; s++) {
            assertThat(pace.stepsBy(1, s)).isEqualTo(s);
            assertThat(pace.endOf(s)).isEqualTo(700L * s);
            assertThat(pace.globalStepOf(2, s + 1)).isEqualTo(s + 1);
        }
    }

    @Test
    void aGlobalStepEndsWhenAllTogetherHaveDoneAsManySteps() {
        Pace pace = new Pace(580, 750, 1510, 3330);
        int M = pace.replicas();
        for (int s = 1; s < 300; s++) {
            int step = s;
            long done = IntStream.range(0, M).mapToLong(m -> pace.stepsBy(m, step)).sum();
            assertThat(done).isBetween((long) M * s, (long) M * s + M - 1);
            assertThat(pace.stepsAt(pace.endOf(s) - 1)).isLessThan((long) M * s);
            assertThat(done).as("at least one step each")
                    .isGreaterThan(IntStream.range(0, M).mapToLong(m -> pace.stepsBy(m, step - 1)).sum());
            assertThat(pace.globalStepsAt(pace.endOf(s))).isEqualTo(s);
        }
    }

    @Test
    void aStepFallsIntoTheGlobalStepInWhichItEnds() {
        Pace pace = new Pace(300, 1000, 1000);
        for (int m = 0; m < 3; m++) {
            for (int k = 1; k < 100; k++) {
                int s = pace.globalStepOf(m, k);
                assertThat(pace.stepsBy(m, s)).isGreaterThanOrEqualTo(k);
                assertThat(pace.stepsBy(m, s - 1)).isLessThan(k);
            }
        }
    }

    @Test
    void aSimulationSaysWhenStepsEnd() {
        Pace pace = new Pace(1000, 1000).simulated(new long[][] {{1, 5, 9, 20}, {3, 4, 8, 30}});
        assertThat(pace.endOfStep(0, 3)).isEqualTo(9);
        assertThat(IntStream.of(0, 1, 4, 5, 8, 20, 29, 30).map(time -> pace.stepsAt(1, time))).containsExactly(0, 0, 2, 2, 3, 3, 3, 4);
        assertThat(IntStream.rangeClosed(1, 3).mapToLong(pace::endOf)).as("2, 4 and 6 steps together").containsExactly(3L, 5L, 9L);
        assertThat(pace.globalStepOf(1, 2)).as("the third to end").isEqualTo(2);
        assertThat(pace.stepsBy(1, 2)).isEqualTo(2);
        assertThat(pace.secondsOf(3)).hasValue(9e-9);
        assertThat(new Pace(1000).secondsOf(3)).isEmpty();
    }

    @Test
    void refusesAStepThatTakesNoTime() {
        assertThatThrownBy(() -> new Pace(5, 0)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("[5, 0]");
    }
}
