package tributary.localsgd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tributary.autograd.ParameterStore;
import tributary.model.optimizer.AdamW;
import tributary.model.optimizer.Optimizer;
import tributary.model.optimizer.Schedule;
import tributary.model.optimizer.Sgd;

/// What holds for every algorithm.
class FamilyTest {
    private static final int P = Lab.P;
    private static final int T = 12;
    private static final Schedule LR = new Schedule.WarmupCosine(3e-3, 3e-4, 2, T);
    private static final LocalSteps H = new LocalSteps.Constant(3);

    /// An algorithm in one setting.
    ///
    /// @param transfers full float32 vectors that each replica sends or receives in all of T steps, with more than one
    private record Case(String name, Supplier<Algorithm> algorithm, double transfers) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case("data parallel", () -> new DataParallel(adamW(Lab.LAYOUT), LR, 1.0), 2 * 12),
                new Case("local SGD", () -> new LocalSgd(H), 2 * 4),
                new Case("local SGD, quadratic rule", () -> new LocalSgd(new LocalSteps.Quadratic(2, 4e-3, LR, 2)), 2 * 5),
                new Case("post-local SGD", () -> new PostLocalSgd(4, H), 2 * (4 + 3)),
                new Case("DiLoCo", () -> new DiLoCo(0, H, new Schedule.Constant(0.7), new Sgd(P, 0.9, true)), 2 * 4),
                new Case("DiLoCo after data parallel", () -> new DiLoCo(2, new LocalSteps.Constant(5), new Schedule.Constant(0.7),
                        new Sgd(P, 0.9, true)), 2 * (2 + 2)),
                new Case("SlowMo", () -> new SlowMo(H, 1, 0.5, LR, P), 2 * 4),
                new Case("Lookahead", () -> new Lookahead(H, 0.5), 2 * 4));
    }

    private static Optimizer adamW(ParameterStore.Layout layout) {
        return new AdamW(layout, new AdamW.Hyperparameters(0.9, 0.99, 1e-8, 0.1));
    }

    private static Lab train(Case of, int M, int threads) {
        Lab lab = new Lab();
        lab.train(of.algorithm.get(), FamilyTest::adamW, LR, M, T, threads);
        return lab;
    }

    private static float[] result(Lab lab) {
        return lab.global.parameters().values().toArray();
    }

    @Test
    void everyAlgorithmHasACase() {
        assertThat(cases().map(each -> each.algorithm.get().getClass()).collect(Collectors.toSet()))
                .isEqualTo(Set.of(Algorithm.class.getPermittedSubclasses()));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void threadsDoNotChangeABit(Case of) {
        assertThat(result(train(of, 4, 3))).isEqualTo(result(train(of, 4, 1)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void roundsFollowEachOtherAndEveryReplicaTakesEveryStepOnce(Case of) {
        Lab lab = train(of, 2, 2);
        int done = 0;
        for (int i = 0; i < lab.rounds.size(); i++) {
            assertThat(lab.rounds.get(i).index()).isEqualTo(i + 1);
            assertThat(lab.rounds.get(i).first()).isEqualTo(done);
            done = lab.rounds.get(i).last();
        }
        assertThat(done).isEqualTo(T);
        List<Integer> all = IntStream.rangeClosed(1, T).boxed().toList();
        assertThat(lab.steps).containsOnly(all);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void bytesFollowTheFormula(Case of) {
        for (int M : new int[] {2, 4}) {
            assertThat(train(of, M, 2).communicatedBytes).isEqualTo(Math.round(M * of.transfers * P * Float.BYTES));
        }
        assertThat(train(of, 1, 2).communicatedBytes).isZero();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void permutingTheReplicasChangesNothingButRounding(Case of) {
        Lab permuted = new Lab();
        permuted.share = m -> 3 - m;
        permuted.train(of.algorithm.get(), FamilyTest::adamW, LR, 4, T, 2);
        // AdamW magnifies the rounding of gradients near zero, as much as a step in rare places
        assertThat(meanDistance(result(permuted), result(train(of, 4, 2)))).isCloseTo(0, within(2e-6));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theParametersMove(Case of) {
        assertThat(meanDistance(result(train(of, 1, 1)), result(new Lab()))).isGreaterThan(1e-3);
    }

    private static double meanDistance(float[] a, float[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> Math.abs(a[i] - b[i])).average().orElseThrow();
    }

    @Test
    void slowMoWithoutMomentumAtRateOneIsLocalSgd() {
        assertSame(() -> new SlowMo(H, 1, 0, LR, P), () -> new LocalSgd(H));
    }

    @Test
    void slowMoAtAConstantRateIsDiLoCoWithHeavyBallMomentum() {
        Schedule lr = new Schedule.Constant(2e-3);
        float[] slowMo = new Lab().train(new SlowMo(H, 0.8, 0.6, lr, P), FamilyTest::adamW, lr, 2, T, 2);
        Algorithm diLoCo = new DiLoCo(0, H, new Schedule.Constant(0.8), new Sgd(P, 0.6, false));
        assertClose(slowMo, new Lab().train(diLoCo, FamilyTest::adamW, lr, 2, T, 2), 3e-6);
    }

    @Test
    void lookaheadIsDiLoCoWithPlainSgd() {
        assertSame(() -> new Lookahead(H, 0.5), () -> new DiLoCo(0, H, new Schedule.Constant(0.5), new Sgd(P, 0, false)));
    }

    @Test
    void postLocalSgdWithoutItsFirstPhaseIsLocalSgd() {
        assertSame(() -> new PostLocalSgd(0, H), () -> new LocalSgd(H));
    }

    @Test
    void postLocalSgdInItsFirstPhaseIsDataParallel() {
        assertSame(() -> new PostLocalSgd(T, H), () -> new DataParallel(adamW(Lab.LAYOUT), LR, Double.POSITIVE_INFINITY));
    }

    private static void assertSame(Supplier<Algorithm> one, Supplier<Algorithm> other) {
        for (int M : new int[] {1, 2, 4}) {
            float[] first = new Lab().train(one.get(), FamilyTest::adamW, LR, M, T, 2);
            assertClose(first, new Lab().train(other.get(), FamilyTest::adamW, LR, M, T, 2), 3e-6);
        }
    }

    private static void assertClose(float[] actual, float[] expected, double tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat((double) actual[i]).as("parameter %d", i).isCloseTo(expected[i], within(tolerance));
        }
    }

    @Test
    void theQuadraticRuleLengthensRoundsAsTheRateFalls() {
        Schedule lr = new Schedule.WarmupCosine(1e-2, 1e-3, 10, 100);
        LocalSteps rule = new LocalSteps.Quadratic(4, 0.02, lr, 10);
        assertThat(rule.at(0)).as("in warm-up as right after it").isEqualTo(rule.at(10)).isEqualTo(4);
        int[] lengths = IntStream.range(10, 100).map(rule::at).toArray();
        assertThat(lengths).isEqualTo(Arrays.stream(lengths).sorted().toArray());
        assertThat(rule.at(99)).isEqualTo((int) Math.floor(Math.pow(0.02 / lr.lr(99), 2))).isGreaterThan(350);
    }
}
