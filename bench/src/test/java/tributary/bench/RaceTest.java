package tributary.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RaceTest {

    @Test
    void takesTurnsInProcessesOfTheirOwn() {
        try (RemoteContender contender = new RemoteContender("tributary", 1, List.of())) {
            contender.prepare("gelu-16x64");
            Race race = Race.run(List.of(contender), new Race.Length(3, 0.01, 0.001));
            assertThat(contender.description()).startsWith("simd ");
            assertThat(race.ceilings()).hasSize(3).allMatch(ceiling -> ceiling > 0);
            assertThat(race.seconds(contender)).isPositive();
            assertThat(race.ratio(contender, contender)).isEqualTo(1);
        }
    }

    @Test
    void theMedianOfAnEvenNumberIsTheMeanOfTheMiddleTwo() {
        assertThat(Race.median(List.of(5.0, 1.0, 3.0))).isEqualTo(3);
        assertThat(Race.median(List.of(4.0, 1.0, 3.0, 100.0))).isEqualTo(3.5);
    }
}
