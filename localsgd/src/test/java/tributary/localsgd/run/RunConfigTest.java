package tributary.localsgd.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RunConfigTest {

    @Test
    void theStandardRunIsDiLoCoWithTwoReplicasOnTheSourcesOfTheJdk() {
        RunConfig standard = RunConfig.standard();
        assertThat(standard.settings()).containsExactly(
                Map.entry("data", "jdk"), Map.entry("tokenizer", "char"), Map.entry("order", "random"), Map.entry("shards", "iid"),
                Map.entry("layers", "4"),
                Map.entry("heads", "4"), Map.entry("width", "128"), Map.entry("context", "64"), Map.entry("dropout", "0"),
                Map.entry("batch", "12"), Map.entry("steps", "2000"), Map.entry("algorithm", "diloco"), Map.entry("replicas", "2"),
                Map.entry("local-steps", "10"), Map.entry("data-parallel-steps", "0"), Map.entry("outer-optimizer", "nesterov"),
                Map.entry("outer-lr", "0.4"), Map.entry("outer-momentum", "0.9"), Map.entry("outer-schedule", "constant"),
                Map.entry("inner-state", "keep"), Map.entry("codec", "fp32"), Map.entry("inner-optimizer", "adamw"),
                Map.entry("lr", "0.003"), Map.entry("min-lr", "0.0003"),
                Map.entry("warmup", "100"), Map.entry("schedule", "cosine"), Map.entry("weight-decay", "0.1"),
                Map.entry("beta1", "0.9"), Map.entry("beta2", "0.99"), Map.entry("clip", "1"), Map.entry("seed", "1"),
                Map.entry("eval-every", "250"), Map.entry("evaluate", "outer"));
    }

    @Test
    void numbersMayComeAsNumbersOrAsText() {
        assertThat(RunConfig.of(Map.of("lr", 1e-3, "width", 64L, "algorithm", "local-sgd")))
                .isEqualTo(RunConfig.of(Map.of("lr", "0.001", "width", " 64 ", "algorithm", "local-sgd")));
    }

    @Test
    void whatFollowsFromAnotherSettingIsDerivedUnlessGiven() {
        assertThat(RunConfig.of(Map.of("lr", "1e-3")).minLr()).isEqualTo(1e-4);
        assertThat(RunConfig.of(Map.of("lr", "1e-3", "min-lr", "5e-4")).minLr()).isEqualTo(5e-4);
        assertThat(RunConfig.of(Map.of("steps", 60)).warmup()).isEqualTo(3);
        assertThat(RunConfig.of(Map.of("steps", 60, "warmup", 60)).warmup()).isEqualTo(60);
        assertThat(RunConfig.of(Map.of("steps", 90_000)).warmup()).isEqualTo(100);
    }

    @Test
    void aBatchIsOfAllReplicasOrOfEach() {
        assertThat(RunConfig.of(Map.of("replicas", 4)).batch()).isEqualTo(12);
        RunConfig each = RunConfig.of(Map.of("replicas", 4, "replica-batch", 6));
        assertThat(each.batch()).isEqualTo(24);
        assertThat(RunConfig.of(each.settings())).isEqualTo(each);
        assertThat(RunConfig.of(Map.of("replicas", 5, "replica-batch", 6)).batch()).isEqualTo(30);
        assertThatIllegalArgumentException().isThrownBy(() -> RunConfig.of(Map.of("replicas", 4, "replica-batch", 6, "batch", 12)))
                .withMessage("replica-batch 6 of replicas 4 is not batch 12; give one of the two");
        assertThatIllegalArgumentException().isThrownBy(() -> RunConfig.of(Map.of("replica-batch", -6)))
                .withMessage("replica-batch -6 is not positive; use 1 or more");
    }

    @Test
    void anAlgorithmHasNeutralValuesForWhatItDoesNotUse() {
        RunConfig dataParallel = RunConfig.of(Map.of("algorithm", "data-parallel"));
        assertThat(dataParallel.replicas()).isEqualTo(1);
        assertThat(dataParallel.localSteps()).isEqualTo(1);
        assertThat(dataParallel.outerLr()).isEqualTo(1);
        assertThat(dataParallel.outerMomentum()).isZero();

        RunConfig localSgd = RunConfig.of(Map.of("algorithm", "local-sgd"));
        assertThat(localSgd.replicas()).isEqualTo(2);
        assertThat(localSgd.localSteps()).isEqualTo(10);
        assertThat(localSgd.outerLr()).isEqualTo(1);
        assertThat(localSgd.outerMomentum()).isZero();
    }

    @Test
    void clipMayBeInfinite() {
        assertThat(RunConfig.of(Map.of("clip", "infinity")).clip()).isEqualTo(Double.POSITIVE_INFINITY);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            width          | 130           | width 130 is not divisible by heads 4; use a width of 132 or other heads
            replicas       | 13           | replicas 13 are more than the 12 sequences of a batch; use at most 12 replicas or a larger batch
            replicas       | 5             | batch 12 is not divisible by replicas 5; use a batch of 15
            local-steps    | 0             | local-steps 0 is not positive; use 1 or more
            layers         | -1            | layers -1 is not positive; use 1 or more
            layers         | four          | layers 'four' is not a whole number up to 2147483647; the standard is 4
            steps          | 3000000000    | steps '3000000000' is not a whole number up to 2147483647; the standard is 2000
            seed           | 1.5           | seed '1.5' is not a whole number; the standard is 1
            lr             | fast          | lr 'fast' is not a number; the standard is 3e-3
            lr             | 1f            | lr '1f' is not a number; the standard is 3e-3
            lr             | 0             | lr 0.0 is not positive; 3e-3 suits small models
            lr             | infinity      | lr Infinity is not positive; 3e-3 suits small models
            min-lr         | 1             | min-lr 1.0 is not between 0 and lr 0.003; a tenth of lr is customary
            warmup         | 2001          | warmup 2001 is not between 0 and steps 2000; a twentieth of the steps is customary
            dropout        | 1             | dropout 1.0 is not in [0, 1); use 0 for none
            dropout        | NaN           | dropout NaN is not in [0, 1); use 0 for none
            outer-lr       | 0             | outer-lr 0.0 is not positive; 0.4 to 1 is customary
            outer-momentum | 1             | outer-momentum 1.0 is not in [0, 1); use 0 for none
            weight-decay   | -0.1          | weight-decay -0.1 is negative or not a number; use 0 for none
            beta2          | 1             | beta2 1.0 is not in [0, 1); 0.99 is customary
            clip           | 0             | clip 0.0 is not positive; use infinity for no limit
            eval-every     | 0             | eval-every 0 is not positive; use 1 or more
            quorum         | 3             | quorum 3 is not between 1 and replicas 2
            tokenizer      | bpe           | tokenizer bpe is not known; use char, byte, gpt2, or a file of byte-level BPE such as tokenizer.json
            order          | backwards     | order 'backwards' is not known; use random, sequential
            algorithm      | dilco         | algorithm 'dilco' is not known; use data-parallel, local-sgd, post-local-sgd, diloco, muloco, slowmo, lookahead, \
            streaming-diloco, multi-cluster, async-local-sgd, decoupled-diloco, sparseloco, demo, palsgd, noloco, sparta, scaffold, fedprox
            outer_lr       | 1             | unknown setting outer_lr; the nearest known one is outer-lr
            """)
    void refusesWhatCannotRun(String name, String value, String message) {
        assertThatIllegalArgumentException().isThrownBy(() -> RunConfig.of(Map.of(name, value))).withMessage(message);
    }

    @ParameterizedTest
    @EnumSource
    void refusesEverySettingTheAlgorithmWouldIgnore(AlgorithmName algorithm) {
        assertThat(RunConfig.of(Map.of("algorithm", Setting.label(algorithm))).algorithm()).isEqualTo(algorithm);
        for (Setting setting : Setting.all()) {
            if (!algorithm.uses(setting)) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> RunConfig.of(Map.of("algorithm", Setting.label(algorithm), setting.name(), setting.standard())))
                        .withMessageStartingWith(setting.name() + " " + setting.standard() + " has no use in " + Setting.label(algorithm)
                                + "; leave it out or use ")
                        .withMessageContaining(Setting.label(setting.usedBy().getFirst()));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void changingTheNumberOfReplicasChangesNothingElse(AlgorithmName algorithm) {
        RunConfig two = RunConfig.of(Map.of("algorithm", Setting.label(algorithm), "replicas", 2));
        RunConfig four = RunConfig.of(Map.of("algorithm", Setting.label(algorithm), "replicas", 4));
        assertThat(four.differences(two)).containsExactly("replicas 4 (not 2)");
    }

    @ParameterizedTest
    @EnumSource
    void everyAlgorithmTellsWhatItIsAndHasValuesForItsSettings(AlgorithmName algorithm) {
        assertThat(algorithm.summary()).isNotBlank();
        assertThat(algorithm.paper()).isNotBlank();
        RunConfig config = RunConfig.of(Map.of("algorithm", Setting.label(algorithm)));
        for (Setting setting : algorithm.settings()) {
            assertThat(setting.usedBy()).contains(algorithm);
            assertThat(setting.parse(setting.valueIn(config))).isEqualTo(setting.parse(algorithm.standard(setting)));
        }
    }

    @Test
    void everySpecialSettingIsOfSomeAlgorithm() {
        assertThat(Setting.all()).allSatisfy(setting -> assertThat(setting.usedBy()).as(setting.name()).isNotEmpty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            streaming-diloco | local-steps      | 5       | local-steps 5 is not a multiple of fragments 2; the fragments' turns must be evenly spread
            streaming-diloco | fragments        | 5       | fragments 5 are more than the 4 layers; use at most 4
            streaming-diloco | overlap          | 20      | overlap 20 is not between 0 and local-steps 20 less one; a fragment must arrive before its next turn
            streaming-diloco | fragment-offset  | 20      | fragment-offset 20 of fragments 2 is not between 0 and 19; all turns must fall into the 20 steps of local-steps
            streaming-diloco | mixing           | 2       | mixing 2.0 is not in [0, 1]; 0 takes what arrives, 0.5 averages
            multi-cluster    | clusters         | 3       | clusters 3 do not divide replicas 2
            multi-cluster    | cluster-steps    | 3       | local-steps 10 is not a multiple of cluster-steps 3; clusters merge right after they have averaged
            multi-cluster    | cluster-mean     | gradients | cluster-steps 2 with cluster-mean gradients, which are averaged in every step; use 1
            async-local-sgd  | step-times       | 1,2,3   | step-times 1,2,3 are 3 for 2 replicas; give one for all or one each
            async-local-sgd  | step-times       | fast    | step-times: 'fast' is not a number of seconds
            async-local-sgd  | buffer           | 0       | buffer 0 is not positive; 1 takes a whole outer step at every arrival
            async-local-sgd  | dynamic-steps    | perhaps | dynamic-steps 'perhaps' is not known; use true, false
            decoupled-diloco | quorum           | 3       | quorum 3 is not between 1 and replicas 2
            decoupled-diloco | grace            | -1      | grace -1.0 is not between 0 and 100000000 seconds
            palsgd           | pull-probability | 1       | pull-probability 1.0 is not in [0, 1); 0.2 is customary
            noloco           | gossip-pull      | 3       | gossip-pull 3.0 is not in [0, 2]; 0.7 is customary
            sparta           | share            | 0       | share 0.0 is not in (0, 1]; 0.005 is customary
            fedprox          | proximal         | -1      | proximal -1.0 is negative or not a number; 0.01 is customary
            """)
    void refusesWhatCannotRunInAnAlgorithm(String algorithm, String name, String value, String message) {
        assertThatIllegalArgumentException().isThrownBy(() -> RunConfig.of(Map.of("algorithm", algorithm, name, value)))
                .withMessage(message);
    }

    @Test
    void anOptimizerBringsItsRatesAndRefusesWhatItWouldIgnore() {
        RunConfig averaging = RunConfig.of(Map.of("outer-optimizer", "sgd"));
        assertThat(averaging.outerLr()).isEqualTo(1);
        assertThat(averaging.settings()).doesNotContainKey("outer-momentum");
        assertThat(RunConfig.of(averaging.settings())).isEqualTo(averaging);
        assertThat(RunConfig.of(Map.of("algorithm", "muloco")).innerMomentum()).isEqualTo(0.95);
        assertThat(RunConfig.of(Map.of("inner-optimizer", "nesterov")).innerMomentum()).isEqualTo(0.9);
        assertThat(RunConfig.of(Map.of("inner-optimizer", "sgd")).settings()).doesNotContainKeys("beta1", "weight-decay", "inner-momentum");
        assertThatIllegalArgumentException().isThrownBy(() -> RunConfig.of(Map.of("outer-optimizer", "sgd", "outer-momentum", 0.9)))
                .withMessage("outer-momentum 0.9 has no use with outer-optimizer sgd; leave it out");
        assertThatIllegalArgumentException().isThrownBy(() -> RunConfig.of(Map.of("inner-optimizer", "sgd", "beta1", 0.9)))
                .withMessage("beta1 0.9 has no use with inner-optimizer sgd; leave it out");
        assertThatIllegalArgumentException().isThrownBy(() -> RunConfig.of(Map.of("inner-momentum", 0.9)))
                .withMessage("inner-momentum 0.9 has no use with inner-optimizer adamw; leave it out");
        assertThatIllegalArgumentException().isThrownBy(() -> RunConfig.of(Map.of("inner-optimizer", "muon", "inner-momentum", 0)))
                .withMessageStartingWith("inner-momentum 0 makes muon plain sgd");
        assertThatIllegalArgumentException().isThrownBy(() -> RunConfig.of(Map.of("algorithm", "demo", "clip", 1)))
                .withMessageStartingWith("clip 1 has no use in demo; leave it out or use data-parallel,");
    }

    @Test
    void refusesANegativePhaseAndACodecNobodyKnows() {
        assertThatIllegalArgumentException().isThrownBy(() -> RunConfig.of(Map.of("data-parallel-steps", -1)))
                .withMessage("data-parallel-steps -1 is negative; use 0 for none");
        assertThatIllegalArgumentException().isThrownBy(() -> RunConfig.of(Map.of("qsr-alpha", 0)))
                .withMessageStartingWith("qsr-alpha 0.0");
        assertThatIllegalArgumentException().isThrownBy(() -> RunConfig.of(Map.of("codec", "zip"))).withMessageContaining("zip");
    }

    @Test
    void tellsItsDifferencesFromAnother() {
        RunConfig standard = RunConfig.standard();
        assertThat(standard.differences(RunConfig.of(Map.of()))).isEmpty();
        assertThat(standard.differences(RunConfig.of(Map.of("seed", 2, "init-from", "old"))))
                .containsExactly("init-from none (not old)", "seed 1 (not 2)");
    }
}
