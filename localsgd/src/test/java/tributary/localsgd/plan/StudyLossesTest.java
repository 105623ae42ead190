package tributary.localsgd.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tributary.localsgd.laws.Chinchilla;
import tributary.localsgd.laws.Fit;
import tributary.localsgd.laws.Joint;
import tributary.localsgd.laws.Point;
import tributary.localsgd.laws.Power;
import tributary.localsgd.laws.Quantity;

class StudyLossesTest {
    /// Data parallelism 9 N^-0.1; M replicas 1.01 M^0.02 times as much; 1 + 20 / N^0.3 + 30 / D^0.3 against tokens.
    private static StudyLosses planted(boolean tokens) {
        List<Point> reference = new ArrayList<>();
        List<Point> replicas = new ArrayList<>();
        List<Point> budgets = new ArrayList<>();
        for (double N : new double[] {1e4, 1e5, 1e6}) {
            reference.add(new Point(Map.of(Quantity.PARAMETERS, N), 9 * Math.pow(N, -0.1)));
            for (double M : new double[] {2, 4}) {
                replicas.add(new Point(Map.of(Quantity.PARAMETERS, N, Quantity.REPLICAS, M), 9.09 * Math.pow(N, -0.1) * Math.pow(M, 0.02)));
            }
            for (double ratio : new double[] {5, 20, 80}) {
                budgets.add(new Point(Map.of(Quantity.PARAMETERS, N, Quantity.TOKENS, ratio * N),
                        1 + 20 / Math.pow(N, 0.3) + 30 / Math.pow(ratio * N, 0.3)));
            }
        }
        return new StudyLosses(Fit.of(new Joint(), replicas, 0, 1), Fit.of(new Power(), reference, 0, 1),
                tokens ? Optional.of(Fit.of(new Chinchilla(), budgets, 0, 1)) : Optional.empty(), "the study small");
    }

    @Test
    void theRatioIsOfTheTwoLaws() {
        LossRatio ratio = planted(false).ratio();
        assertThat(ratio.of(1e5, 4, 30)).isCloseTo(1.01 * Math.pow(4, 0.02), offset(1e-9));
        assertThat(ratio.of(1e5, 1, 1)).isEqualTo(1);
        assertThat(ratio.source()).contains("the study small", "parameters up to 1e6, replicas up to 4");
        assertThat(ratio.knowsLocalSteps()).isFalse();
        assertThat(ratio.reach().ranges()).containsEntry(Quantity.REPLICAS, new Reach.Range(2, 4));
        assertThat(ratio.reach().beyond(Map.of(Quantity.PARAMETERS, 1e5, Quantity.REPLICAS, 3.0))).isEmpty();
        assertThat(ratio.reach().beyond(Map.of(Quantity.PARAMETERS, 1.3e9))).hasValueSatisfying(
                beyond -> assertThat(beyond.text()).contains("1300 times the most, 1e6"));
    }

    @Test
    void tokensAreThoseOfTheStudyWhereItHasALaw() {
        assertThat(planted(true).tokenLaw().loss(1e5, 2e6)).isCloseTo(1 + 20 / Math.pow(1e5, 0.3) + 30 / Math.pow(2e6, 0.3), offset(1e-6));
        assertThat(planted(false).tokenLaw()).isEqualTo(TokenLaw.published());
    }

    @Test
    void aPlanDrawsOnTheStudyWhereItsFileSaysNothing() {
        String plan = PlanFile.read(Path.of("../docs/plan.yaml"), Optional.of(planted(true))).toJson();
        assertThat(plan).contains("both of the study small", "Careful: the law of replicas is used outside").doesNotContain("Charles",
                "Hoffmann");
        assertThat(PlanFile.read(Path.of("../docs/plan.yaml")).toJson()).contains("Charles", "Hoffmann").doesNotContain("Careful");
    }
}
