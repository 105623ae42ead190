package tributary.localsgd.laws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.model.data.StatelessRandom;

class AnalysisTest {
    private static final int SEED = 1;

    /// A training by Hoffmann's law, with an error of the log-loss.
    private static Point training(double n, double d, double noise, long draw) {
        double loss = 1.69 + 406.4 * Math.pow(n, -0.34) + 410.7 * Math.pow(d, -0.28);
        return new Point(Map.of(Quantity.PARAMETERS, n, Quantity.TOKENS, d),
                loss * Math.exp(noise * StatelessRandom.gaussian(SEED, draw, 0)));
    }

    private static double bestSize(double flops) {
        return 1.345 * Math.pow(flops / 6, 0.28 / 0.62);
    }

    private static Analysis.Outcome fit(String name, List<Point> trainings, int resamples) {
        return Analysis.named(name).orElseThrow().fit(trainings, resamples, SEED);
    }

    private static double coefficient(Analysis.Outcome outcome, String letter) {
        return outcome.fits().stream().flatMap(fit -> fit.coefficients().entrySet().stream())
                .filter(entry -> entry.getKey().equals(letter)).findFirst().orElseThrow().getValue();
    }

    @Test
    void aLawOfSizesHasTheNamesOfItsFits() {
        assertThat(Analysis.all()).extracting(Analysis::name).doesNotHaveDuplicates()
                .contains("power", "chinchilla", "chinchilla-envelope", "chinchilla-isoflop", "learning-rate-joint");
        assertThat(Analysis.named("chinchilla-isoflop").orElseThrow().needed()).containsExactlyInAnyOrder(Quantity.PARAMETERS,
                Quantity.TOKENS, Quantity.FLOPS);
        assertThat(Analysis.named("best-tokens")).isEmpty();
    }

    @Test
    void noTrainingsMakeNoLaw() {
        assertThat(Analysis.all()).allSatisfy(analysis -> assertThatIllegalArgumentException()
                .isThrownBy(() -> analysis.fit(List.of(), 10, SEED))
                .withMessage("there is no training with a loss; " + analysis.name() + " needs several"));
    }

    /// Seven budgets over three decades, sizes a factor of 1.5 apart around the best one.
    private static List<Point> isoFlops(double noise) {
        List<Point> trainings = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            double flops = 1e18 * Math.pow(10, 0.5 * i);
            for (int j = -4; j <= 4; j++) {
                double n = Math.rint(bestSize(flops) * Math.pow(1.5, j));
                trainings.add(training(n, flops / (6 * n), noise, 100L * i + j));
            }
        }
        return trainings;
    }

    @Test
    void chinchillasSecondApproachFindsThePlantedExponents() {
        Analysis.Outcome found = fit("chinchilla-isoflop", isoFlops(0), 100);
        assertThat(found.leftOut()).isEmpty();
        assertThat(found.objection()).isEmpty();
        assertThat(coefficient(found, "a")).isCloseTo(0.28 / 0.62, withinPercentage(0.1));
        assertThat(coefficient(found, "b")).isCloseTo(0.34 / 0.62, withinPercentage(0.1));
        // The profile is no parabola: its vertex lies a little beside the minimum, everywhere by the same factor.
        assertThat(coefficient(found, "G")).isCloseTo(1.345, withinPercentage(5));
        assertThat(coefficient(found, "K")).isCloseTo(1 / coefficient(found, "G"), withinPercentage(1e-6));
    }

    @Test
    void andThroughNoise() {
        Analysis.Outcome found = fit("chinchilla-isoflop", isoFlops(0.001), 300);
        assertThat(coefficient(found, "a")).isCloseTo(0.28 / 0.62, withinPercentage(5));
        assertThat(found.fits().getFirst().intervals().get("a").contains(0.28 / 0.62)).isTrue();
        assertThat(found.fits().getFirst().predict(Map.of(Quantity.FLOPS, 1e22)).value()).isCloseTo(bestSize(1e22), withinPercentage(15));
    }

    @Test
    void budgetsWithoutAMinimumInsideAreLeftOut() {
        List<Point> trainings = isoFlops(0);
        trainings.removeIf(point -> Quantity.FLOPS.in(point.at()).orElseThrow() < 1.1e18
                && point.at().get(Quantity.PARAMETERS) < 1.4 * bestSize(1e18));
        trainings.removeIf(point -> Quantity.FLOPS.in(point.at()).orElseThrow() > 0.9e21
                && Math.abs(Math.log(point.at().get(Quantity.PARAMETERS) / bestSize(1e21))) > 0.1);
        Analysis.Outcome found = fit("chinchilla-isoflop", trainings, 0);
        assertThat(found.fits().getFirst().points()).hasSize(5);
        assertThat(found.leftOut()).hasSize(4).anySatisfy(line -> assertThat(line)
                .startsWith("flops 1e18: no minimum inside the sweep, the lowest loss at parameters ").endsWith("; sweep further"))
                .contains("1 training with no other tokens to compare with");
        assertThat(coefficient(found, "a")).isCloseTo(0.28 / 0.62, withinPercentage(0.1));
    }

    /// Sizes a factor of 1.5 apart, each trained to 2 to 600 tokens a parameter, with a loss at every 5 % more.
    private static List<Point> curves(double noise) {
        List<Point> trainings = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            double n = 5e7 * Math.pow(1.5, i);
            double luck = noise * StatelessRandom.gaussian(SEED, 7, i);
            for (double d = 2 * n; d < 600 * n; d *= 1.05) {
                Point point = training(n, d, 0, 0);
                trainings.add(new Point(point.at(), point.value() * Math.exp(luck)));
            }
        }
        return trainings;
    }

    @Test
    void chinchillasFirstApproachFindsThePlantedExponents() {
        Analysis.Outcome found = fit("chinchilla-envelope", curves(0), 100);
        assertThat(found.leftOut()).isEmpty();
        assertThat(found.objection()).isEmpty();
        assertThat(found.fits().getFirst().points()).hasSize(10);
        assertThat(coefficient(found, "a")).isCloseTo(0.28 / 0.62, withinPercentage(0.5));
        assertThat(coefficient(found, "b")).isCloseTo(0.34 / 0.62, withinPercentage(0.5));
        assertThat(found.fits().getFirst().predict(Map.of(Quantity.FLOPS, 1e20)).value()).isCloseTo(bestSize(1e20), withinPercentage(2));
        assertThat(found.fits().getLast().predict(Map.of(Quantity.FLOPS, 1e20)).value())
                .isCloseTo(1e20 / 6 / bestSize(1e20), withinPercentage(2));
    }

    @Test
    void theEnvelopeThroughLuckyAndUnluckyTrainings() {
        Analysis.Outcome found = fit("chinchilla-envelope", curves(0.0005), 300);
        assertThat(coefficient(found, "a")).isCloseTo(0.28 / 0.62, withinPercentage(10));
        assertThat(found.fits().getFirst().intervals().get("a").contains(0.28 / 0.62)).isTrue();
    }

    @Test
    void aSizeWhoseNeighbourIsNotTrainedLongEnoughIsNoOptimum() {
        List<Point> trainings = curves(0);
        double fourth = 5e7 * Math.pow(1.5, 3);
        trainings.removeIf(point -> point.at().get(Quantity.PARAMETERS) == fourth && point.at().get(Quantity.TOKENS) > 10 * fourth);
        Analysis.Outcome found = fit("chinchilla-envelope", trainings, 0);
        assertThat(found.leftOut()).isNotEmpty().allSatisfy(line -> assertThat(line).startsWith("parameters "));
        assertThat(coefficient(found, "a")).isCloseTo(0.28 / 0.62, withinPercentage(2));
    }

    @Test
    void trainingsOfOneLengthHaveNeitherEnvelopeNorProfiles() {
        List<Point> trainings = IntStream.range(0, 6).mapToObj(i -> 1e8 * Math.pow(2, i)).map(n -> training(n, 20 * n, 0, 0)).toList();
        assertThatIllegalArgumentException().isThrownBy(() -> fit("chinchilla-envelope", trainings, 0))
                .withMessageStartingWith("best-parameters has 2 coefficients (G, a) and there are 0 points; ")
                .withMessageEndingWith("; left out: parameters 2e8: a loss at one compute only is no curve; parameters 4e8: a loss at one "
                        + "compute only is no curve; parameters 8e8: a loss at one compute only is no curve; and 1 more");
        assertThatIllegalArgumentException().isThrownBy(() -> fit("chinchilla-isoflop", trainings, 0))
                .withMessageEndingWith("left out: 6 trainings with no other parameters to compare with");
    }

    /// Five sizes, replicas 1 to 8; the swept quantity in steps of a factor around a best value, off the steps, and a second
    /// quantity besides, of which only the best value is right.
    private static List<Point> sweeps(Quantity swept, Quantity besides, Law law, double[] coordinates) {
        List<Point> trainings = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            for (double m = 1; m <= 8; m *= 2) {
                Map<Quantity, Double> place = new EnumMap<>(Map.of(Quantity.PARAMETERS, 1e7 * Math.pow(3, i), Quantity.REPLICAS, m,
                        Quantity.LOCAL_STEPS, 10 * Math.pow(3, i % 3)));
                double[] x = law.quantities().stream().mapToDouble(place::get).toArray();
                double best = Math.exp(new Terms(law.terms(x)).value(coordinates));
                for (double away : DoubleStream.of(-2.3, -1.3, -0.3, 0.7, 1.7).toArray()) {
                    for (double second = 1; second <= 3; second++) {
                        Map<Quantity, Double> at = new EnumMap<>(place);
                        at.put(swept, best * Math.pow(2, away));
                        at.put(besides, second);
                        trainings.add(new Point(at, 3 * (1 + 0.01 * away * away + 0.1 * Math.abs(second - 2))));
                    }
                }
            }
        }
        return trainings;
    }

    @ParameterizedTest
    @ValueSource(strings = {"learning-rate-joint", "batch-joint", "outer-learning-rate"})
    void theLawOfTheBestIsFoundFromSweeps(String name) {
        Law law = Analysis.named(name).orElseThrow().laws().getFirst();
        double[] coordinates = switch (name) {
            case "learning-rate-joint" -> new double[] {Math.log(22256), -0.8827, 0.2929};
            case "batch-joint" -> new double[] {Math.log(14.521), 0.4695, 0.3399};
            default -> new double[] {Math.log(0.3), 0.2, 0.1};
        };
        Quantity besides = law.target() == Quantity.BATCH_TOKENS ? Quantity.LEARNING_RATE : Quantity.BATCH_TOKENS;
        Analysis.Outcome found = fit(name, sweeps(law.target(), besides, law, coordinates), 0);
        assertThat(found.leftOut()).isEmpty();
        double[] expected = law.coefficients(coordinates);
        for (int i = 0; i < expected.length; i++) {
            assertThat(coefficient(found, law.letters().get(i))).isCloseTo(expected[i], withinPercentage(1e-6));
        }
    }

    @Test
    void aSweepThatEndsAtItsLowestLossIsLeftOut() {
        List<Point> trainings = sweeps(Quantity.LEARNING_RATE, Quantity.BATCH_TOKENS, new LearningRate(),
                new double[] {Math.log(16319.2), -0.819});
        double lowest = 16319.2 * Math.pow(1e7, -0.819);
        trainings.removeIf(point -> point.at().get(Quantity.PARAMETERS) == 1e7 && point.at().get(Quantity.LEARNING_RATE) > lowest);
        Analysis.Outcome found = fit("learning-rate", trainings, 0);
        assertThat(found.leftOut()).hasSize(4).contains(
                "parameters 1e7, replicas 1, local_steps 10: no minimum inside the sweep, the lowest loss at learning_rate "
                        + Quantity.text(lowest * Math.pow(2, -0.3)) + "; sweep further");
        assertThat(coefficient(found, "alpha")).isCloseTo(-0.819, withinPercentage(1e-6));
    }

    private static Point rated(double n, double d, double m, double h, double rate, double loss) {
        return new Point(Map.of(Quantity.PARAMETERS, n, Quantity.TOKENS, d, Quantity.REPLICAS, m, Quantity.LOCAL_STEPS, h,
                Quantity.OUTER_LEARNING_RATE, rate), loss);
    }

    /// A larger model at one rate alone, and a longer training, are no part of the sweep beside them, though their losses are
    /// lower.
    @Test
    void aSweepIsOfOneSizeAndOneBudget() {
        List<Point> trainings = new ArrayList<>();
        for (double m = 1; m <= 4; m *= 2) {
            for (double h = 10; h <= 90; h *= 3) {
                double best = 0.3 * Math.pow(m, 0.2) * Math.pow(h, 0.1);
                for (double away = -2.3; away < 2; away++) {
                    trainings.add(rated(1e6, away > 0 ? 2.02e7 : 2e7, m, h, best * Math.pow(2, away), 4 + 0.01 * away * away));
                }
                trainings.add(rated(1e9, 2e10, m, h, best * 2, 2));
                trainings.add(rated(1e6, 8e7, m, h, best / 4, 3));
            }
        }
        Analysis.Outcome found = fit("outer-learning-rate", trainings, 0);
        assertThat(found.fits().getFirst().points()).hasSize(9);
        assertThat(found.leftOut()).containsExactly("18 trainings with no other outer_learning_rate to compare with");
        assertThat(coefficient(found, "A")).isCloseTo(0.3, withinPercentage(1e-6));
        assertThat(coefficient(found, "alpha")).isCloseTo(0.2, withinPercentage(1e-6));
        assertThat(coefficient(found, "beta")).isCloseTo(0.1, withinPercentage(1e-6));
    }

    /// Points of a published power law of Charles et al. 2025, arXiv:2503.09799.
    private static Fit published(double a, double alpha) {
        List<Point> points = DiLoCoTable.column(0).stream()
                .map(point -> new Point(point.at(), a * Math.pow(point.at().get(Quantity.PARAMETERS), alpha))).toList();
        return Fit.of(new Power(), points, 20, SEED);
    }

    /// The gaps in percent at 35M and 2.4B that the published power laws imply, and the size at which they vanish.
    @ParameterizedTest
    @CsvSource({
        "18.363, -0.0961, -0.1, -0.4, 9e6", "18.768, -0.0969, 0.7, 0, 2.5e9", "19.762, -0.0992, 1.9, 0.2, 4e9",
        "21.051, -0.1018, 3.7, 0.9, 9.6e9"
    })
    void thePenaltyOfDiLoCoBesideDataParallelism(double a, double alpha, double smallest, double largest, double parity) {
        List<Penalty> penalties = Penalty.of(published(a, alpha), published(18.129, -0.0953));
        assertThat(penalties).extracting(penalty -> penalty.at().get(Quantity.PARAMETERS)).containsExactly(35e6, 2.4e9);
        assertThat(100 * penalties.getFirst().gap().value()).isCloseTo(smallest, offset(0.06));
        assertThat(100 * penalties.getLast().gap().value()).isCloseTo(largest, offset(0.06));
        assertThat(penalties.getFirst().gap().interval()).isPresent();
        assertThat(penalties.getFirst().parity().orElseThrow()).isCloseTo(parity, withinPercentage(3));
    }

    @Test
    void lawsThatNeverMeetHaveNoParity() {
        assertThat(Penalty.of(published(19, -0.0953), published(18.129, -0.0953)).getFirst().parity()).isEmpty();
    }

    @Test
    void theEffectiveSizeIsThatOfTheReferenceWithTheSameLoss() {
        Fit reference = Fit.of(new Power(), DiLoCoTable.column(1), 0, SEED);
        Fit joint = Fit.of(new Joint(), DiLoCoTable.joint(), 0, SEED);
        Penalty penalty = Penalty.of(joint, reference).getLast();
        assertThat(penalty.at()).isEqualTo(Map.of(Quantity.PARAMETERS, 2.4e9, Quantity.REPLICAS, 8.0));
        double same = penalty.effectiveSize().value() * 2.4e9;
        assertThat(reference.predict(Map.of(Quantity.PARAMETERS, same)).value())
                .isCloseTo(joint.predict(penalty.at()).value(), withinPercentage(1e-9));
        assertThat(penalty.effectiveCompute().value()).isCloseTo(Math.pow(penalty.effectiveSize().value(), 2), withinPercentage(1e-9));
        assertThatIllegalArgumentException().isThrownBy(() -> Penalty.of(
                Fit.of(new LocalSteps(), List.of(new Point(Map.of(Quantity.LOCAL_STEPS, 1.0), 3),
                        new Point(Map.of(Quantity.LOCAL_STEPS, 9.0), 4)), 0, SEED),
                reference))
                .withMessage("local-steps is not a law of the loss in parameters: it has no reference");
    }

    @Test
    void computeFollowsFromSizeOnlyWhereTokensDo() {
        assertThat(Fit.of(new Joint(), DiLoCoTable.joint(), 0, SEED).effectiveCompute().get(Quantity.REPLICAS))
                .isCloseTo(2 * -0.118, offset(0.001));
        List<Point> uneven = new ArrayList<>();
        for (Point point : DiLoCoTable.joint()) {
            Map<Quantity, Double> at = new EnumMap<>(point.at());
            at.put(Quantity.TOKENS, 1e9);
            uneven.add(new Point(at, point.value()));
        }
        assertThat(Fit.of(new Joint(), uneven, 0, SEED).effectiveCompute()).isEmpty();
    }
}
