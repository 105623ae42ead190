package tributary.model.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class GaussiansTest {
    private static final int DRAWS = 1_000_003;

    @Test
    void manyAtOnceHaveTheBitsOfEachAlone() {
        float[] drawn = new float[DRAWS + 2];
        Arrays.fill(drawn, 7);
        Gaussians gaussians = new Gaussians();
        int half = 300_001;
        gaussians.fill(drawn, 1, half, 0.02, 5, 1, -3);
        gaussians.fill(drawn, 1 + half, DRAWS - half, 0.02, 5, 1, half - 3);
        for (int i = 0; i < DRAWS; i++) {
            float alone = (float) (0.02 * StatelessRandom.gaussian(5, 1, i - 3));
            if (Float.floatToRawIntBits(drawn[1 + i]) != Float.floatToRawIntBits(alone)) {
                assertThat(drawn[1 + i]).as("draw %d", i).isEqualTo(alone);
            }
        }
        assertThat(drawn[0]).as("before the first").isEqualTo(7);
        assertThat(drawn[1 + DRAWS]).as("after the last").isEqualTo(7);
    }

    @Test
    void theShortWayIsFarWithinWhatTheRoundingAllowsFor() {
        Gaussians gaussians = new Gaussians();
        double farthest = 0;
        for (int first = 0; first < DRAWS; first += Gaussians.BLOCK) {
            double[] near = gaussians.near(5, 1, first);
            for (int i = 0; i < Gaussians.BLOCK; i++) {
                farthest = Math.max(farthest, Math.abs(near[i] - StatelessRandom.gaussian(5, 1, first + i)));
            }
        }
        assertThat(farthest).isPositive().isLessThan(5.5e-13);
    }
}
