package tributary.localsgd.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import tributary.localsgd.run.RunConfig;

class ArmTest {
    private static final double TINY = 1e-12;

    private static Result result(String grid, Map<String, ?> settings, int seed, double loss) {
        Map<String, Object> all = new LinkedHashMap<>(settings);
        all.put("seed", seed);
        OptionalDouble own = Double.isNaN(loss) ? OptionalDouble.empty() : OptionalDouble.of(loss);
        return new Result("", grid, "", 1, 1, 1, 1, 1, 1, 1, 1, own, own.isPresent() ? Optional.empty() : Optional.of("diverged"), 1, 0,
                RunConfig.of(all).settings(), List.of());
    }

    private static List<Result> results() {
        List<Result> results = new ArrayList<>();
        double[] plain = {2, 2.5, 3};
        double[] streaming = {2.02, 2.55, 2.97};
        for (int seed = 1; seed <= 3; seed++) {
            results.add(result("plain", Map.of("algorithm", "diloco"), seed, plain[seed - 1]));
            results.add(result(seed == 1 ? "streaming" : "more-seeds", Map.of("algorithm", "streaming-diloco", "lr", 0.01), seed,
                    streaming[seed - 1]));
        }
        results.add(result("more-seeds", Map.of("algorithm", "streaming-diloco", "lr", 0.02), 2, 2.6));
        results.add(result("more-seeds", Map.of("algorithm", "streaming-diloco", "lr", 0.02), 7, Double.NaN));
        return results;
    }

    @Test
    void resultsThatDifferInTheirSeedsAreOneArm() {
        List<Arm> arms = Arm.of(results());
        assertThat(arms).extracting(arm -> arm.grids() + " " + arm.losses().keySet() + " " + arm.diverged())
                .containsExactly("[plain] [1, 2, 3] 0", "[streaming, more-seeds] [1, 2, 3] 0", "[more-seeds] [2] 1");
    }

    @Test
    void theMeanAndItsError() {
        Arm.Estimate loss = Arm.of(results()).getFirst().loss().orElseThrow();
        assertThat(loss.mean()).isCloseTo(2.5, within(TINY));
        assertThat(loss.error().orElseThrow()).isCloseTo(0.5 / Math.sqrt(3), within(TINY));
        assertThat(loss.seeds()).isEqualTo(3);
    }

    @Test
    void differencesAreWithinASeed() {
        List<Arm> arms = Arm.of(results());
        Arm.Estimate above = arms.get(1).above(arms.getFirst()).orElseThrow();
        assertThat(above.mean()).isCloseTo((0.01 + 0.02 - 0.01) / 3, within(TINY));
        double mean = 0.02 / 3;
        double squares = Math.pow(0.01 - mean, 2) + Math.pow(0.02 - mean, 2) + Math.pow(-0.01 - mean, 2);
        assertThat(above.error().orElseThrow()).isCloseTo(Math.sqrt(squares / 2 / 3), within(TINY));

        Arm.Estimate one = arms.get(2).above(arms.getFirst()).orElseThrow(); // of one seed that both have
        assertThat(one.mean()).isCloseTo(0.04, within(TINY));
        assertThat(one.error()).isEmpty();
    }

    @Test
    void theReferenceIsTheBestOfAGridAtTheSameSizeAndBudget() {
        List<Arm> arms = Arm.of(results());
        assertThat(arms.get(0).reference(arms, "more-seeds")).contains(arms.get(1));
        assertThat(arms.get(1).reference(arms, "plain")).contains(arms.get(0));
        assertThat(arms.get(1).reference(arms, "none")).isEmpty();
        Arm larger = new Arm(List.of("larger"), 2, 1, Map.of(), Map.of(1L, 2.0), 0);
        Arm longer = new Arm(List.of("longer"), 1, 4, Map.of(), Map.of(1L, 2.0), 0);
        assertThat(larger.reference(arms, "plain")).isEmpty();
        assertThat(longer.reference(arms, "plain")).isEmpty();
    }

    @Test
    void withoutALossThereIsNoMean() {
        Arm arm = Arm.of(List.of(result("plain", Map.of("algorithm", "diloco"), 1, Double.NaN))).getFirst();
        assertThat(arm.loss()).isEmpty();
        assertThat(arm.above(Arm.of(results()).getFirst())).isEmpty();
    }

    @Test
    void armsAreToldApartByWhatIsNotTheSame() {
        List<Arm> arms = Arm.of(results());
        assertThat(Arm.telling(arms.subList(1, 3))).containsExactly("lr");
        assertThat(Arm.telling(arms)).containsExactly("algorithm", "local-steps", "lr"); // overlap is of one algorithm only
        assertThat(Arm.telling(Arm.of(List.of(
                result("plain", Map.of("algorithm", "async-local-sgd"), 1, 2), // without a buffer
                result("plain", Map.of("algorithm", "async-local-sgd", "buffer", 1), 1, 2))))).containsExactly("buffer");
    }
}
