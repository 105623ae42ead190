package tributary.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LossCurveTest {

    @Test
    void aFallingLossFallsFromTheUpperLeftToTheLowerRight() {
        LossCurve curve = new LossCurve(1);
        for (int step = 0; step < 1000; step++) {
            curve.add(4 - 0.003 * step);
        }
        List<String> lines = curve.lines();
        assertThat(lines).hasSize(10);
        assertThat(lines.getFirst()).startsWith("   3.991 │⠉⠑");
        assertThat(lines.get(7)).startsWith("   1.014 │   ").endsWith("⣀");
        assertThat(lines.getLast()).startsWith("          step 1 ").endsWith(" 1,000");
        assertThat(lines).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(74));
    }

    @Test
    void twoStepsAreEnoughAndOneIsNot() {
        LossCurve curve = new LossCurve(7);
        curve.add(2);
        assertThat(curve.lines()).isEmpty();
        curve.add(2);
        assertThat(curve.lines()).hasSize(10);
    }
}
