package tributary.localsgd.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Utilisation beside hand calculations and beside the table of arXiv:2501.18512: Gbit/s for 50, 80, 90, 95 and 99 %.
class LayerGraphTest {
    private static final double[] TARGETS = {0.5, 0.8, 0.9, 0.95, 0.99};
    /// Bits that a number would have to have for the table, see docs/plan.md.
    private static final double EFFECTIVE_BITS = 13.4;

    private record Published(LayerGraph graph, double... gigabits) {}

    private static List<Published> published(double bits) {
        double small = 1e9 * bits;
        double large = 1e10 * bits;
        return List.of(
                new Published(new LayerGraph(24, 0.1, small, 1, 1, 0), 86.8, 152.6, 184.2, 222.3, 569),
                new Published(new LayerGraph(24, 0.1, small, 100, 1, 0), 1.4, 6.2, 13.3, 23.3, 86.8),
                new Published(new LayerGraph(24, 0.1, small, 100, 8, 0), 1.4, 5.2, 9.1, 16, 28.1),
                new Published(new LayerGraph(24, 0.1, small, 100, 8, 1), 1.4, 4.3, 6.2, 9.1, 11),
                new Published(new LayerGraph(24, 0.1, small / 4, 100, 8, 1), 0.4, 0.9, 1.7, 2, 3),
                new Published(new LayerGraph(48, 0.8, large, 1, 1, 0), 104.8, 222.3, 222.3, 268.3, 471.5),
                new Published(new LayerGraph(48, 0.8, large / 4, 100, 16, 1), 0.4, 0.9, 1.4, 1.4, 1.7));
    }

    /// The published values stand on a grid, 0.1 x 10^(4 k / 49): the first point that is enough.
    private static double gridPoint(double gigabits) {
        return Math.ceil(Math.log10(gigabits * 10) * 49 / 4);
    }

    @Test
    void thePublishedTableWithTheBitsThatFitItBest() {
        int same = 0;
        int all = 0;
        List<String> apart = new ArrayList<>();
        for (Published row : published(EFFECTIVE_BITS)) {
            for (int i = 0; i < TARGETS.length; i++) {
                double found = row.graph().bandwidth(TARGETS[i]) / 1e9;
                double steps = Math.round(Math.log10(row.gigabits()[i] * 10) * 49 / 4) - gridPoint(found);
                all++;
                same += steps == 0 ? 1 : 0;
                if (steps < 0 || steps > 1) {
                    apart.add(row + " at " + TARGETS[i] + ": " + found);
                }
            }
        }
        assertThat(apart).isEmpty();
        assertThat(all).isEqualTo(35);
        assertThat(same).isGreaterThanOrEqualTo(32);
    }

    @Test
    void thePublishedTableWithSixteenBits() {
        for (Published row : published(16)) {
            for (int i = 0; i < TARGETS.length; i++) {
                double found = row.graph().bandwidth(TARGETS[i]) / 1e9;
                assertThat(found / row.gigabits()[i]).as("%s at %s", row, TARGETS[i]).isBetween(0.85, 1.25);
            }
        }
    }

    /// arXiv:2503.09799, table 7: 10B, 80 %, DiLoCo with H = 1 (data parallel), 10, 50, 100 and 300.
    @Test
    void theOtherPublishedTableIsLower() {
        int[] H = {1, 10, 50, 100, 300};
        double[] gigabits = {184.2, 49.4, 11.0, 6.2, 2.0};
        for (int i = 0; i < H.length; i++) {
            assertThat(new LayerGraph(48, 0.8, 1e10 * EFFECTIVE_BITS, H[i], 1, 0).bandwidth(0.8) / 1e9 / gigabits[i]).isBetween(1.0, 1.2);
        }
    }

    @Test
    void dataParallelWaitsForWhatTheBackwardPassDoesNotHide() {
        // L = 2: forward 2 nodes, backward: by activations and by weights of layer 2, by weights of layer 1; 5 nodes of 1 s
        LayerGraph graph = new LayerGraph(2, 5, 8, 1, 1, 0);
        assertThat(graph.utilization(4)).isCloseTo(5.0 / 6, within(1e-12)); // 1 s a layer: the second is sent after the step, 1 s
        assertThat(graph.utilization(1)).isCloseTo(5.0 / 12, within(1e-12)); // 4 s a layer: from second 4 to 8 to 12
        assertThat(graph.bandwidth(5.0 / 6)).isCloseTo(4, within(1e-9));
    }

    @Test
    void overlapHidesUpToTauSteps() {
        // one layer: forward, by weights, 2 s a step; sent at the end of each 4th step
        assertThat(new LayerGraph(1, 2, 8, 4, 1, 0).utilization(1)).isCloseTo(8.0 / 16, within(1e-12));
        assertThat(new LayerGraph(1, 2, 8, 4, 1, 1).utilization(1)).isCloseTo(8.0 / 14, within(1e-12));
        assertThat(new LayerGraph(1, 2, 8, 4, 1, 3).utilization(1)).isCloseTo(8.0 / 10, within(1e-12));
        assertThat(new LayerGraph(1, 2, 8, 4, 1, 3).utilization(2)).isCloseTo(1, within(1e-12));
    }

    @Test
    void moreBandwidthNeverMakesItWorse() {
        for (Published row : published(16)) {
            double before = 0;
            for (double bandwidth = 1e8; bandwidth < 1e13; bandwidth *= 3) {
                double now = row.graph().utilization(bandwidth);
                assertThat(now).isBetween(before - 1e-12, 1 + 1e-12);
                before = now;
            }
        }
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatThrownBy(() -> new LayerGraph(4, 1, 1, 10, 5, 0)).hasMessage("fragments 5 is not between 1 and layers 4");
        assertThatThrownBy(() -> new LayerGraph(4, 1, 1, 10, 1, 10)).hasMessage("overlap 10 is not between 0 and local-steps 10 less one");
        assertThatThrownBy(() -> new LayerGraph(4, 0, 1, 10, 1, 0)).hasMessageContaining("must be positive");
    }
}
