package tributary.localsgd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static tributary.localsgd.MultiCluster.Inside.GRADIENTS;
import static tributary.localsgd.MultiCluster.Inside.PARAMETERS;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tributary.autograd.ParameterStore;
import tributary.localsgd.codec.Compression;
import tributary.model.Gpt;
import tributary.model.GptConfig;
import tributary.model.Trainer;
import tributary.model.optimizer.AdamW;
import tributary.model.optimizer.Optimizer;
import tributary.model.optimizer.Schedule;
import tributary.model.optimizer.Sgd;
import tributary.tensor.Kernels;

/// What holds for every algorithm.
class FamilyTest {
    private static final int P = Lab.P;
    private static final int T = 12;
    private static final Schedule LR = new Schedule.WarmupCosine(3e-3, 3e-4, 2, T);
    private static final LocalSteps H = new LocalSteps.Constant(3);

    private static final Schedule ETA = new Schedule.Constant(0.7);
    private static final Fragments HALVES = Fragments.of(Lab.LAYOUT, 2, Fragments.Choice.STRIDED);

    /// An algorithm in one setting.
    ///
    /// @param algorithm for M replicas
    /// @param transfers full float32 vectors that each replica sends or receives in all of T steps, with more than one;
    ///        not a number where it depends on M
    /// @param symmetric whether it treats all replicas alike, instead of by their index
    private record Case(String name, IntFunction<Algorithm> algorithm, double transfers, boolean symmetric) {
        Case(String name, IntFunction<Algorithm> algorithm, double transfers) {
            this(name, algorithm, transfers, true);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case("data parallel", M -> new DataParallel(adamW(Lab.LAYOUT), LR, 1.0), 2 * 12),
                new Case("local SGD", M -> new LocalSgd(H), 2 * 4),
                new Case("local SGD, quadratic rule", M -> new LocalSgd(new LocalSteps.Quadratic(2, 4e-3, LR, 2)), 2 * 5),
                new Case("post-local SGD", M -> new PostLocalSgd(4, H), 2 * (4 + 3)),
                new Case("DiLoCo", M -> new DiLoCo(0, H, ETA, nesterov(P)), 2 * 4),
                new Case("DiLoCo after data parallel", M -> new DiLoCo(2, new LocalSteps.Constant(5), ETA, nesterov(P)), 2 * (2 + 2)),
                new Case("MuLoCo", M -> new MuLoCo(0, H, ETA, nesterov(P)), 2 * 4),
                new Case("multi-cluster, clusters of one", M -> new MultiCluster(6, 3, M, PARAMETERS, ETA, nesterov(P)), 2 * 2),
                new Case("multi-cluster, one cluster", M -> new MultiCluster(6, 3, 1, PARAMETERS, ETA, nesterov(P)), Double.NaN),
                new Case("multi-cluster, data parallel inside", M -> new MultiCluster(6, 1, 1, GRADIENTS, ETA, nesterov(P)), Double.NaN),
                new Case("DeMo", M -> new DeMo(LR, 0.1, Lab.LAYOUT), 2 * 12, false),
                new Case("SlowMo", M -> new SlowMo(H, 1, 0.5, LR, P), 2 * 4),
                new Case("Lookahead", M -> new Lookahead(H, 0.5), 2 * 4),
                new Case("streaming DiLoCo, at once", M -> new StreamingDiLoCo(4, HALVES, 2, 0, 0, ETA, FamilyTest::nesterov),
                        halves(3, 4)),
                new Case("streaming DiLoCo, overlapped", M -> new StreamingDiLoCo(4, HALVES, 2, 3, 0.5, ETA, FamilyTest::nesterov),
                        halves(3, 3)),
                new Case("async local SGD", M -> new AsyncLocalSgd(Pace.equal(M), 3, false, M, ETA, 0.9, P), 2 * 4, false),
                new Case("async local SGD, naive", M -> new AsyncLocalSgd(Pace.equal(M), 3, true, 1, ETA, 0.5, P), 2 * 4, false),
                new Case("decoupled DiLoCo", M -> new DecoupledDiLoCo(Pace.equal(M), 3, M, 0, ETA, nesterov(P)), 2 * 4),
                new Case("decoupled DiLoCo, one is enough", M -> new DecoupledDiLoCo(Pace.equal(M), 3, 1, 0, ETA, nesterov(P)), 2 * 4),
                new Case("SparseLoCo", M -> new SparseLoCo(H, 1, SparseLoCo.Mean.ALL), 2 * 4),
                new Case("SparseLoCo, mean of the senders", M -> new SparseLoCo(H, 0.6, SparseLoCo.Mean.SENDERS), 2 * 4),
                new Case("PALSGD", M -> new Palsgd(3, H, 0.3, 1, ETA, nesterov(P), 5), 2 * (3 + 3), false),
                new Case("NoLoCo", M -> new NoLoCo(H, 0.5, 0.7, 0.7, 5), 4 * 4, false),
                new Case("SPARTA", M -> new Sparta(0.01, 5), 2 * 12 * Math.round(0.01 * P) / (double) P),
                new Case("SCAFFOLD", M -> new Scaffold(H, 1, P), 4 * 4),
                new Case("FedProx", M -> new FedProx(H, 0.1), 2 * 4));
    }

    private static double halves(int first, int second) {
        double one = HALVES.ranges().getFirst().stream().mapToInt(Fragments.Range::elements).sum();
        return 2 * (first * one + second * (P - one)) / P;
    }

    private static Optimizer nesterov(int elements) {
        return new Sgd(elements, 0.9, true);
    }

    private static Optimizer heavyBall(double momentum) {
        return new Sgd(P, momentum, false);
    }

    private static Optimizer adamW(ParameterStore.Layout layout) {
        return new AdamW(layout, new AdamW.Hyperparameters(0.9, 0.99, 1e-8, 0.1));
    }

    static Stream<Case> symmetric() {
        return cases().filter(Case::symmetric);
    }

    private static Lab train(Case of, int M, int threads) {
        Lab lab = new Lab();
        lab.train(of.algorithm.apply(M), FamilyTest::adamW, LR, M, T, threads);
        return lab;
    }

    private static float[] result(Lab lab) {
        return lab.global.parameters().values().toArray();
    }

    @Test
    void everyAlgorithmHasACase() {
        assertThat(cases().map(each -> each.algorithm.apply(2).getClass()).collect(Collectors.toSet()))
                .isEqualTo(Set.of(Algorithm.class.getPermittedSubclasses()));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void threadsDoNotChangeABit(Case of) {
        assertThat(result(train(of, 4, 3))).isEqualTo(result(train(of, 4, 1)));
    }

    /// Replicas that take turns at two desks end with the bits of replicas that each have a place of their own, and there are
    /// the activations of two.
    @ParameterizedTest
    @MethodSource("cases")
    void desksDoNotChangeABit(Case of) {
        Lab lab = new Lab();
        try (Desks desks = new Desks(Kernels::simd)) {
            lab.desks = Optional.of(desks);
            lab.train(of.algorithm.apply(4), FamilyTest::adamW, LR, 4, T, 2);
            Lab apart = train(of, 4, 4);
            assertThat(result(lab)).isEqualTo(result(apart));
            assertThat(lab.locals).usingRecursiveComparison().isEqualTo(apart.locals);
            assertThat(desks.activationBytes()).isPositive().isLessThanOrEqualTo(2 * activationBytesOfOne());
        }
    }

    private static long activationBytesOfOne() {
        try (Kernels kernels = Kernels.simd(1)) {
            Trainer trainer = new Trainer(new Lab().global, kernels, new Lab.RandomRows(), 0, 4, Lab.SEED);
            trainer.gradients(0);
            trainer.gradients(1);
            return trainer.activationBytes();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void beingReadyForFaultsChangesNoBitWhereThereAreNone(Case of) {
        Lab ready = new Lab();
        ready.tolerance = Optional.of(new Tolerance(1, Optional.of(Duration.ofMinutes(5))));
        ready.train(of.algorithm.apply(4), FamilyTest::adamW, LR, 4, T, 2);
        Lab lab = train(of, 4, 2);
        assertThat(result(ready)).isEqualTo(result(lab));
        assertThat(ready.communicatedBytes).isEqualTo(lab.communicatedBytes);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aRoundGoesOnWithoutAReplicaThatFails(Case of) {
        Lab one = failing(of, 1);
        assertThat(one.rounds).isEqualTo(train(of, 4, 1).rounds);
        List<Integer> all = IntStream.rangeClosed(1, T).boxed().toList();
        assertThat(List.of(one.steps.get(0), one.steps.get(1), one.steps.get(3))).containsOnly(all);
        assertThat(one.steps.get(2)).startsWith(1, 2, 3, 4).endsWith(T).doesNotContain(5);
        for (float parameter : result(one)) {
            assertThat(parameter).isFinite();
        }
        assertThat(result(failing(of, 2))).as("on any number of threads").isEqualTo(result(one));
        assertThat(result(one)).isNotEqualTo(result(train(of, 4, 1)));
    }

    /// Replica 2 of 4 fails in its fifth step.
    private static Lab failing(Case of, int threads) {
        Lab lab = new Lab();
        lab.tolerance = Optional.of(new Tolerance(3, Optional.empty()));
        lab.mishap = (replica, step) -> {
            if (replica == 2 && step == 5) {
                throw new IllegalStateException("the line is cut");
            }
        };
        lab.train(of.algorithm.apply(4), FamilyTest::adamW, LR, 4, T, threads);
        return lab;
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
        for (int M : Double.isNaN(of.transfers) ? new int[0] : new int[] {2, 4}) {
            assertThat(train(of, M, 2).communicatedBytes).isEqualTo(Math.round(M * of.transfers * P * Float.BYTES));
        }
        assertThat(train(of, 1, 2).communicatedBytes).isZero();
    }

    @ParameterizedTest
    @MethodSource("symmetric")
    void permutingTheReplicasChangesNothingButRounding(Case of) {
        Lab permuted = new Lab();
        permuted.share = m -> 3 - m;
        permuted.train(of.algorithm.apply(4), FamilyTest::adamW, LR, 4, T, 2);
        // AdamW magnifies the rounding of gradients near zero, as much as a step in rare places
        assertThat(meanDistance(result(permuted), result(train(of, 4, 2)))).isCloseTo(0, within(2e-6));
    }

    /// Those that treat replicas alike, by the sum over all of them.
    static Stream<Case> together() {
        return symmetric().filter(of -> !of.name.startsWith("async"));
    }

    @ParameterizedTest
    @MethodSource("together")
    void replicasStartEqualAndStayEqualOnEqualData(Case of) {
        Lab lab = new Lab();
        lab.share = m -> 0;
        lab.train(of.algorithm.apply(4), FamilyTest::adamW, LR, 4, T, 2);
        assertThat(lab.locals).allSatisfy(local -> assertThat(local).isEqualTo(lab.locals.getFirst()));
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
        assertSame(M -> new SlowMo(H, 1, 0, LR, P), M -> new LocalSgd(H));
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
        assertSame(M -> new Lookahead(H, 0.5), M -> new DiLoCo(0, H, new Schedule.Constant(0.5), new Sgd(P, 0, false)));
    }

    @Test
    void postLocalSgdWithoutItsFirstPhaseIsLocalSgd() {
        assertSame(M -> new PostLocalSgd(0, H), M -> new LocalSgd(H));
    }

    @Test
    void postLocalSgdInItsFirstPhaseIsDataParallel() {
        assertSame(M -> new PostLocalSgd(T, H), M -> new DataParallel(adamW(Lab.LAYOUT), LR, Double.POSITIVE_INFINITY));
    }

    @Test
    void multiClusterWithClustersOfOneIsDiLoCoBitForBit() {
        for (int M : new int[] {1, 2, 4}) {
            float[] multiCluster = train(M, new MultiCluster(6, 3, M, PARAMETERS, ETA, nesterov(P)));
            assertThat(multiCluster).isEqualTo(train(M, new DiLoCo(0, new LocalSteps.Constant(6), ETA, nesterov(P))));
        }
    }

    @Test
    void clustersThatMergeWheneverTheyAverageAreDiLoCo() {
        float[] twoStages = train(4, new MultiCluster(3, 3, 2, PARAMETERS, ETA, nesterov(P)));
        assertClose(twoStages, train(4, new DiLoCo(0, H, ETA, nesterov(P))), 3e-6);
    }

    @Test
    void oneClusterThatTakesTheMeanIsLocalSgdWithItsOwnSteps() {
        float[] cluster = train(4, new MultiCluster(6, 3, 1, PARAMETERS, new Schedule.Constant(1), new Sgd(P, 0, false)));
        assertClose(cluster, train(4, new LocalSgd(H)), 3e-6);
    }

    @Test
    void oneClusterThatIsDataParallelInsideIsDataParallel() {
        Schedule one = new Schedule.Constant(1);
        assertSame(M -> new MultiCluster(3, 1, 1, GRADIENTS, one, new Sgd(P, 0, false)),
                M -> new DataParallel(adamW(Lab.LAYOUT), LR, Double.POSITIVE_INFINITY));
        for (int M : new int[] {1, 2, 4}) {
            assertThat(train(M, new MultiCluster(3, 1, M, GRADIENTS, ETA, nesterov(P))))
                    .isEqualTo(train(M, new DiLoCo(0, H, ETA, nesterov(P))));
        }
    }

    @Test
    void bytesOfTwoStages() {
        long vector = (long) P * Float.BYTES;
        Lab lab = train(new Case("", M -> new MultiCluster(6, 3, 2, PARAMETERS, ETA, nesterov(P)), 0), 4, 2);
        long averagings = 4 * 4 * 2 * vector; // 4 times, 4 replicas, sent and received
        long merges = 2 * (2 * 2 * vector + 2 * 2 * vector); // twice: 2 first replicas, then one other in each of 2 clusters
        assertThat(lab.communicatedBytes).isEqualTo(averagings + merges);
    }

    @Test
    void muLoCoIsDiLoCoWithWhateverTheReplicasTrain() {
        assertThat(train(2, new MuLoCo(0, H, ETA, nesterov(P)))).isEqualTo(train(2, new DiLoCo(0, H, ETA, nesterov(P))));
    }

    @Test
    void deMoMovesEveryParameterByTheRate() {
        Schedule lr = new Schedule.Constant(1e-3);
        float[] start = new Lab().global.parameters().values().toArray();
        Lab lab = new Lab();
        float[] moved = lab.train(new DeMo(lr, 0, Lab.LAYOUT), FamilyTest::adamW, lr, 2, 1, 2);
        for (int i = 0; i < P; i++) {
            assertThat((double) Math.abs(moved[i] - start[i])).isCloseTo(moved[i] == start[i] ? 0 : 1e-3, within(1e-6));
        }
    }

    @Test
    void streamingOneFragmentOrAllAtOnceIsDiLoCoBitForBit() {
        Fragments whole = Fragments.of(Lab.LAYOUT, 1, Fragments.Choice.SEQUENTIAL);
        for (int M : new int[] {1, 2}) {
            float[] diLoCo = train(M, new DiLoCo(0, new LocalSteps.Constant(4), ETA, nesterov(P)));
            assertThat(train(M, new StreamingDiLoCo(4, whole, 4, 0, 0, ETA, FamilyTest::nesterov))).isEqualTo(diLoCo);
            assertThat(train(M, new StreamingDiLoCo(4, HALVES, 0, 0, 0, ETA, FamilyTest::nesterov))).as("all at once").isEqualTo(diLoCo);
        }
    }

    @Test
    void aReplicaThatNeverListensTrainsAlone() {
        Lab streaming = new Lab();
        streaming.train(new StreamingDiLoCo(4, HALVES, 2, 1, 1, ETA, FamilyTest::nesterov), FamilyTest::adamW, LR, 2, T, 2);
        Lab alone = new Lab();
        alone.train(new LocalSgd(new LocalSteps.Constant(T)), FamilyTest::adamW, LR, 2, T, 2);
        assertThat(streaming.locals.get(1)).isEqualTo(alone.locals.get(1));
    }

    @Test
    void streamingRoundsEndWhereAFragmentDepartsOrArrives() {
        Lab lab = new Lab();
        lab.train(new StreamingDiLoCo(6, HALVES, 3, 2, 0, ETA, FamilyTest::nesterov), FamilyTest::adamW, LR, 2, 14, 2);
        // fragment 0 departs at 6 and 12 and arrives at 8 and 14, fragment 1 departs at 3 and 9 and arrives at 5 and 11
        assertThat(lab.rounds.stream().map(Round::last)).containsExactly(3, 5, 6, 8, 9, 11, 12, 14);
        Lab close = new Lab();
        close.train(new StreamingDiLoCo(6, HALVES, 1, 0, 0, ETA, FamilyTest::nesterov), FamilyTest::adamW, LR, 2, 14, 2);
        assertThat(close.rounds.stream().map(Round::last)).containsExactly(1, 6, 7, 12, 13, 14);
    }

    @Test
    void asyncWithOneReplicaIsDiLoCo() {
        float[] async = train(1, new AsyncLocalSgd(Pace.equal(1), 5, true, 1, ETA, 0.9, P));
        assertClose(async, train(1, new DiLoCo(0, new LocalSteps.Constant(5), ETA, nesterov(P))), 3e-6);
    }

    /// As in DiLoCo, whose replicas take over theta at the same moments.
    @Test
    void whoTakesOverThetaMayForgetItsMoments() {
        Lab diLoCo = new Lab();
        diLoCo.fresh = true;
        float[] forgetful = diLoCo.train(new DiLoCo(0, H, ETA, nesterov(P)), FamilyTest::adamW, LR, 2, T, 2);
        assertThat(meanDistance(forgetful, train(2, new DiLoCo(0, H, ETA, nesterov(P))))).isGreaterThan(1e-4);
        for (Algorithm algorithm : List.of(
                new MultiCluster(3, 3, 2, PARAMETERS, ETA, nesterov(P)), new DecoupledDiLoCo(Pace.equal(2), 3, 2, 0, ETA, nesterov(P)))) {
            Lab lab = new Lab();
            lab.fresh = true;
            assertClose(lab.train(algorithm, FamilyTest::adamW, LR, 2, T, 2), forgetful, 3e-6);
        }
        Lab one = new Lab();
        one.fresh = true;
        float[] alone = one.train(new DiLoCo(0, H, ETA, nesterov(P)), FamilyTest::adamW, LR, 1, T, 2);
        Lab async = new Lab();
        async.fresh = true;
        assertClose(async.train(new AsyncLocalSgd(Pace.equal(1), 3, false, 1, ETA, 0.9, P), FamilyTest::adamW, LR, 1, T, 2), alone, 3e-6);
    }

    @Test
    void asyncReplicasTakeStepsAsFastAsTheyCan() {
        Lab lab = new Lab();
        Pace pace = new Pace(1000, 2000);
        lab.pace = Optional.of(pace);
        lab.train(new AsyncLocalSgd(pace, 3, false, 2, ETA, 0.9, P), FamilyTest::adamW, LR, 2, T, 2);
        assertThat(lab.steps).extracting(List::size).containsExactly(16, 8);
        // at 3, 6, 6 (the slow one), 9, 12, 12 s, 15 s and the end at 16 s
        assertThat(lab.rounds.stream().map(Round::last)).containsExactly(2, 4, 4, 6, 9, 9, 11, 12);
        Lab dynamic = new Lab();
        dynamic.pace = Optional.of(pace);
        dynamic.train(new AsyncLocalSgd(pace, 4, true, 2, ETA, 0.9, P), FamilyTest::adamW, LR, 2, T, 2);
        assertThat(dynamic.rounds).as("both arrive every 4 s, the end is at 16 s").hasSize(2 * 3 + 1);
    }

    @Test
    void decoupledWithAFullQuorumIsDiLoCo() {
        assertSame(M -> new DecoupledDiLoCo(Pace.equal(M), 3, M, 0, ETA, nesterov(P)), M -> new DiLoCo(0, H, ETA, nesterov(P)));
    }

    @Test
    void aQuorumDoesNotWaitForAStraggler() {
        Lab lab = new Lab();
        Pace pace = new Pace(1000, 1000, 10_000);
        lab.pace = Optional.of(pace);
        lab.train(new DecoupledDiLoCo(pace, 3, 2, 500, ETA, nesterov(P)), FamilyTest::adamW, LR, 3, T, 2);
        assertThat(lab.steps).extracting(List::size).as("18 s").containsExactly(18, 18, 1);
        // the two merge every 3.5 s at first, when the half second has passed, in which they do no whole step
        assertThat(lab.rounds).hasSizeBetween(5, 6);
    }

    @Test
    void sparseLoCoThatSendsEverythingIsLocalSgd() {
        assertSame(M -> new SparseLoCo(H, 1, SparseLoCo.Mean.ALL), M -> new LocalSgd(H));
        assertSame(M -> new SparseLoCo(H, 1, SparseLoCo.Mean.SENDERS), M -> new LocalSgd(H));
    }

    @Test
    void theMeanOfSendersDividesByHowManySentANumber() {
        Lab all = new Lab();
        Lab senders = new Lab();
        all.compression = Compression.parse("topk:0.01+no-ef");
        senders.compression = all.compression;
        float[] start = new Lab().global.parameters().values().toArray();
        float[] dividedByAll = all.train(new SparseLoCo(H, 1, SparseLoCo.Mean.ALL), FamilyTest::adamW, LR, 2, 3, 2);
        float[] dividedBySenders = senders.train(new SparseLoCo(H, 1, SparseLoCo.Mean.SENDERS), FamilyTest::adamW, LR, 2, 3, 2);
        int both = 0;
        int one = 0;
        for (int i = 0; i < P; i++) {
            double ratio = (dividedBySenders[i] - start[i]) / (double) (dividedByAll[i] - start[i]);
            both += Math.abs(ratio - 1) < 0.01 ? 1 : 0;
            one += Math.abs(ratio - 2) < 0.01 ? 1 : 0;
        }
        assertThat(one).isPositive();
        assertThat(2 * both + one).as("numbers sent by the two").isEqualTo(2 * (int) Math.ceil(0.01 * P));
    }

    @Test
    void palsgdThatNeverPullsIsDiLoCoBitForBit() {
        assertThat(train(2, new Palsgd(2, H, 0, 1, ETA, nesterov(P), 5))).isEqualTo(train(2, new DiLoCo(2, H, ETA, nesterov(P))));
    }

    @Test
    void noLoCoWithOneOrTwoReplicasIsDiLoCoWithHeavyBallMomentum() {
        for (int M : new int[] {1, 2}) {
            float[] noLoCo = train(M, new NoLoCo(H, 0.5, 0.7, 0.7, 5));
            assertClose(noLoCo, train(M, new DiLoCo(0, H, ETA, heavyBall(0.5))), 3e-6);
        }
    }

    @Test
    void noLoCoReplicasDifferAndStayTogether() {
        Lab apart = train(new Case("", M -> new NoLoCo(H, 0.5, 0.7, 0.7, 5), 0), 4, 2);
        assertThat(meanDistance(apart.locals.get(0), apart.locals.get(3))).isPositive().isLessThan(0.01);
    }

    @Test
    void spartaThatSharesEverythingIsLocalSgdMergedAfterEveryStep() {
        assertSame(M -> new Sparta(1, 5), M -> new LocalSgd(new LocalSteps.Constant(1)));
    }

    @Test
    void scaffoldOnEqualDataIsLocalSgd() {
        Lab scaffold = new Lab();
        Lab localSgd = new Lab();
        scaffold.share = m -> 0;
        localSgd.share = m -> 0;
        float[] corrected = scaffold.train(new Scaffold(H, 1, P), FamilyTest::adamW, LR, 2, T, 2);
        assertThat(meanDistance(corrected, localSgd.train(new LocalSgd(H), FamilyTest::adamW, LR, 2, T, 2))).isCloseTo(0, within(3e-6));
    }

    @Test
    void scaffoldCorrectsReplicasWhoseDataDiffer() {
        Schedule lr = new Schedule.Constant(0.5);
        Lab corrected = new Lab();
        corrected.train(new Scaffold(new LocalSteps.Constant(6), 1, P), FamilyTest::sgd, lr, 2, T, 2);
        Lab apart = new Lab();
        apart.train(new LocalSgd(new LocalSteps.Constant(6)), FamilyTest::sgd, lr, 2, T, 2);
        assertThat(meanDistance(corrected.locals.get(0), corrected.locals.get(1)))
                .isNotEqualTo(meanDistance(apart.locals.get(0), apart.locals.get(1)));
    }

    @Test
    void fedProxWithoutItsPullIsLocalSgdBitForBit() {
        assertThat(train(2, new FedProx(H, 0))).isEqualTo(train(2, new LocalSgd(H)));
    }

    @Test
    void fedProxHoldsReplicasBack() {
        Schedule lr = new Schedule.Constant(0.1);
        float[] start = new Lab().global.parameters().values().toArray();
        LocalSteps once = new LocalSteps.Constant(T);
        float[] held = new Lab().train(new FedProx(once, 1), FamilyTest::sgd, lr, 2, T, 2);
        float[] free = new Lab().train(new LocalSgd(once), FamilyTest::sgd, lr, 2, T, 2);
        assertThat(meanDistance(held, start)).isLessThan(0.8 * meanDistance(free, start));
    }

    @Test
    void everyParameterStandsInOneFragment() {
        for (Fragments.Choice choice : Fragments.Choice.values()) {
            for (int count : List.of(1, 2, 3, 5)) {
                ParameterStore.Layout layout = Gpt.layout(new GptConfig(5, 2, 8, 11, 6));
                int[] times = new int[layout.elements()];
                for (List<Fragments.Range> fragment : Fragments.of(layout, count, choice).ranges()) {
                    assertThat(fragment).isNotEmpty();
                    for (Fragments.Range range : fragment) {
                        IntStream.range(range.from(), range.from() + range.elements()).forEach(i -> times[i]++);
                    }
                }
                assertThat(times).containsOnly(1);
            }
        }
        assertThat(HALVES.ranges().get(0)).hasSize(1);
        assertThatThrownBy(() -> Fragments.of(Lab.LAYOUT, 3, Fragments.Choice.STRIDED))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("fragments 3 do not fit 2");
    }

    @Test
    void whatDoesNotFitTogetherIsRefused() {
        assertThatThrownBy(() -> StreamingDiLoCo.check(5, 2, 0, 0, 0))
                .hasMessageContaining("local-steps 5 is not a multiple of fragments 2");
        assertThatThrownBy(() -> StreamingDiLoCo.check(4, 2, 2, 4, 0)).hasMessageContaining("overlap 4");
        assertThatThrownBy(() -> StreamingDiLoCo.check(4, 2, 2, 0, 1.1)).hasMessageContaining("mixing 1.1");
        assertThatThrownBy(() -> StreamingDiLoCo.check(9, 3, 5, 0, 0))
                .hasMessageContaining("fragment-offset 5 of fragments 3 is not between 0 and 4");
        assertThatThrownBy(() -> new DecoupledDiLoCo(Pace.equal(2), 3, 3, 0, ETA, nesterov(P))).hasMessageContaining("quorum 3");
        assertThatThrownBy(() -> new Palsgd(0, H, 1, 1, ETA, nesterov(P), 1)).hasMessageContaining("pull-probability 1.0");
        assertThatThrownBy(() -> new Sparta(0, 1)).hasMessageContaining("share 0.0");
    }

    private static float[] train(int M, Algorithm algorithm) {
        return new Lab().train(algorithm, FamilyTest::adamW, LR, M, T, 2);
    }

    private static Optimizer sgd(ParameterStore.Layout layout) {
        return new Sgd(layout.elements(), 0, false);
    }

    private static void assertSame(IntFunction<Algorithm> one, IntFunction<Algorithm> other) {
        for (int M : new int[] {1, 2, 4}) {
            assertClose(train(M, one.apply(M)), train(M, other.apply(M)), 3e-6);
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
