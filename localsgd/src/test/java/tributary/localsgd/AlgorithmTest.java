package tributary.localsgd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.autograd.ParameterStore;
import tributary.model.Gpt;
import tributary.model.Trainer;
import tributary.model.optimizer.AdamW;
import tributary.model.optimizer.Optimizer;
import tributary.model.optimizer.Schedule;
import tributary.model.optimizer.Sgd;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// The algorithms judged by one another: each is another one in a special case.
class AlgorithmTest {
    private static final Schedule RATE = new Schedule.WarmupCosine(3e-3, 3e-4, 2, 12);
    private static final int P = Lab.LAYOUT.elements();

    private static Optimizer adamW(ParameterStore.Layout layout) {
        return new AdamW(layout, new AdamW.Hyperparameters(0.9, 0.99, 1e-8, 0.1));
    }

    private static Optimizer sgd(ParameterStore.Layout layout) {
        return new Sgd(layout.elements(), 0, false);
    }

    private static Optimizer nesterov() {
        return new Sgd(P, 0.9, true);
    }

    private static DiLoCo diLoCo(int H, double eta, Optimizer outerOpt) {
        return new DiLoCo(0, new LocalSteps.Constant(H), new Schedule.Constant(eta), outerOpt);
    }

    private static float[] train(Algorithm algorithm, Function<ParameterStore.Layout, Optimizer> innerOpt, int M) {
        return new Lab().train(algorithm, innerOpt, RATE, M, 12, 2);
    }

    /// Ordinary training: one model, whole batches, no replica in sight.
    private static float[] plain(Function<ParameterStore.Layout, Optimizer> opt) {
        Gpt model = Gpt.initialized(Lab.SHAPE, Lab.SEED);
        try (Kernels kernels = Kernels.simd(1)) {
            Trainer trainer = new Trainer(model, kernels, new Lab.RandomRows(), Lab.SEED);
            Optimizer optimizer = opt.apply(Lab.LAYOUT);
            for (int step = 0; step < 12; step++) {
                trainer.step(step, optimizer, RATE, Double.POSITIVE_INFINITY);
            }
        }
        return model.parameters().values().toArray();
    }

    private static void assertClose(float[] actual, float[] expected, double tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat((double) actual[i]).as("parameter %d", i).isCloseTo(expected[i], within(tolerance));
        }
    }

    private static double distance(float[] a, float[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> Math.abs(a[i] - b[i])).max().orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void diLoCoWithPlainSgdAtRateOneIsLocalSgd(int M) {
        float[] diLoCo = train(diLoCo(3, 1.0, new Sgd(P, 0, false)), AlgorithmTest::adamW, M);
        assertClose(diLoCo, train(new LocalSgd(new LocalSteps.Constant(3)), AlgorithmTest::adamW, M), 2e-6);
    }

    @Test
    void localSgdWithOneReplicaIsOrdinaryTraining() {
        assertThat(train(new LocalSgd(new LocalSteps.Constant(5)), AlgorithmTest::adamW, 1)).isEqualTo(plain(AlgorithmTest::adamW));
    }

    @Test
    void dataParallelWithOneReplicaIsOrdinaryTraining() {
        assertThat(train(new DataParallel(adamW(Lab.LAYOUT), RATE, Double.POSITIVE_INFINITY), AlgorithmTest::adamW, 1))
                .isEqualTo(plain(AlgorithmTest::adamW));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void dataParallelDoesNotDependOnTheNumberOfReplicas(int M) {
        float[] parallel = train(new DataParallel(adamW(Lab.LAYOUT), RATE, Double.POSITIVE_INFINITY), AlgorithmTest::adamW, M);
        assertClose(parallel, plain(AlgorithmTest::adamW), 2e-4); // Adam magnifies the rounding of gradients near zero
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void synchronisingPlainSgdAfterEveryStepIsDataParallel(int M) {
        float[] local = train(new LocalSgd(new LocalSteps.Constant(1)), AlgorithmTest::sgd, M);
        assertClose(local, train(new DataParallel(sgd(Lab.LAYOUT), RATE, Double.POSITIVE_INFINITY), AlgorithmTest::sgd, M), 1e-6);
    }

    @Test
    void diLoCoWithOneReplicaTakesTheOuterStep() {
        float[] diLoCo = train(diLoCo(3, 0.4, nesterov()), AlgorithmTest::adamW, 1);
        assertThat(distance(diLoCo, plain(AlgorithmTest::adamW))).isGreaterThan(1e-3);
    }

    @Test
    void theOuterStepIsNesterovsOnTheMeanDelta() {
        Lab oneRound = new Lab();
        float[] start = oneRound.global.parameters().values().toArray();
        float[] averaged = oneRound.train(new LocalSgd(new LocalSteps.Constant(12)), AlgorithmTest::adamW, RATE, 2, 12, 2);
        float[] diLoCo = train(diLoCo(12, 0.7, nesterov()), AlgorithmTest::adamW, 2);
        float[] expected = new float[P]; // v = Delta; theta - 0.7 (Delta + 0.9 v)
        for (int i = 0; i < P; i++) {
            expected[i] = start[i] - 0.7f * 1.9f * (start[i] - averaged[i]);
        }
        assertClose(diLoCo, expected, 1e-6);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 1", "2, 2", "2, 5", "4, 3"})
    void threadsDoNotChangeABit(int M, int threads) {
        float[] one = new Lab().train(diLoCo(4, 0.7, nesterov()), AlgorithmTest::adamW, RATE, M, 8, 1);
        float[] several = new Lab().train(diLoCo(4, 0.7, nesterov()), AlgorithmTest::adamW, RATE, M, 8, threads);
        assertThat(several).isEqualTo(one);
    }

    @Test
    void everyReplicaTakesExactlyHStepsARoundAndTheLastRoundTakesTheRest() {
        Lab lab = new Lab();
        lab.train(diLoCo(5, 0.7, nesterov()), AlgorithmTest::adamW, RATE, 2, 12, 2);
        assertThat(lab.rounds).containsExactly(new Round(1, 0, 5), new Round(2, 5, 10), new Round(3, 10, 12));
        List<Integer> all = IntStream.rangeClosed(1, 12).boxed().toList();
        assertThat(lab.steps).containsExactly(all, all);
    }

    @ParameterizedTest
    @CsvSource({"1, 3, 0", "2, 3, 4", "4, 3, 4", "2, 5, 3", "2, 12, 1"})
    void communicationIsTwoTransfersAReplicaARound(int M, int H, int synchronisations) {
        long expected = M == 1 ? 0 : 2L * M * synchronisations * P * Float.BYTES;
        Lab diLoCo = new Lab();
        diLoCo.train(diLoCo(H, 0.7, nesterov()), AlgorithmTest::adamW, RATE, M, 12, 2);
        assertThat(diLoCo.communicatedBytes).isEqualTo(expected);
        Lab local = new Lab();
        local.train(new LocalSgd(new LocalSteps.Constant(H)), AlgorithmTest::adamW, RATE, M, 12, 2);
        assertThat(local.communicatedBytes).isEqualTo(expected);
        Lab parallel = new Lab();
        parallel.train(new DataParallel(adamW(Lab.LAYOUT), RATE, 1.0), AlgorithmTest::adamW, RATE, M, 12, 2);
        assertThat(parallel.communicatedBytes).isEqualTo(M == 1 ? 0 : 2L * M * 12 * P * Float.BYTES);
    }

    @Test
    void theMeanTakesEveryElementOfEveryReplicaOnce() {
        try (ThreadPoolGroup group = group(3)) {
            List<Tensor> vectors = IntStream.range(0, 3).mapToObj(m -> {
                float[] values = new float[1009];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) Math.pow(2, m) * (i + 1);
                }
                return Tensor.of(values, values.length);
            }).toList();
            float[] mean = group.mean(vectors.stream().map(vector -> new Message(0, vector, Message.dense(vector))).toList()).toArray();
            for (int i = 0; i < mean.length; i++) {
                assertThat(mean[i]).isCloseTo((1 + 2 + 4) * (i + 1) / 3f, within(1e-3f));
            }
            assertThat(group.communicatedBytes()).isEqualTo(2L * 3 * 1009 * 4);
        }
    }

    @Test
    void aFailingReplicaIsReportedWhenAllHaveEnded() {
        try (ThreadPoolGroup group = group(3)) {
            boolean[] ended = new boolean[3];
            assertThatThrownBy(() -> group.each(m -> {
                ended[m.index()] = true;
                if (m.index() > 0) {
                    throw new IllegalStateException("replica " + m.index() + " broke");
                }
                return m;
            })).isInstanceOf(IllegalStateException.class).hasMessage("replica 1 broke");
            assertThat(ended).containsOnly(true);
        }
    }

    private static ThreadPoolGroup group(int M) {
        StepObserver observer = new StepObserver() {
            @Override
            public boolean mayStart(int replica, int step) {
                return true;
            }

            @Override
            public void finished(int replica, int step, double loss) {}
        };
        return new ThreadPoolGroup(M, 2, Kernels::simd, (index, kernels) -> new Replica(
                index, Objective.of(new Trainer(Gpt.initialized(Lab.SHAPE, 1), kernels, new Lab.RandomRows(), index, M, 1)),
                Optional.empty(),
                Replica.Equipment.plain(M), observer));
    }

    @Test
    void localStepsMustBePositive() {
        assertThatThrownBy(() -> new LocalSgd(new LocalSteps.Constant(0))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("local-steps 0");
    }
}
