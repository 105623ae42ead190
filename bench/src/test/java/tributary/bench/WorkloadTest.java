package tributary.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.tensor.Kernels;

class WorkloadTest {

    static Stream<String> words() {
        return Stream.concat(
                Stream.of("gemm-nn-5x13x9", "gemm-nt-5x13x9", "gemm-tn-5x13x9", "attention-2x3x17x8", "attention-backward-2x3x17x8"),
                Stream.of(Workload.RowKernel.Kind.values()).map(kind -> kind.word() + "-7x33"));
    }

    @ParameterizedTest
    @MethodSource("words")
    void everyKernelMeetsItsExpectationAndAWrongResultDoesNot(String word) {
        Workload workload = Workload.parse(word);
        Expectation expectation = Expectation.of(workload);
        try (Contender fast = new Tributary(Kernels.simd(2))) {
            Work work = fast.prepare(workload);
            work.run();
            assertThatCode(() -> expectation.check("fast", work.result())).doesNotThrowAnyException();
            float[] wrong = work.result();
            wrong[expectation.places()[0]] += 0.01f * (1 + Math.abs(wrong[expectation.places()[0]]));
            assertThatThrownBy(() -> expectation.check("wrong", wrong)).hasMessageStartingWith("wrong: element ");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "gemm-tn-5x7x11, 770", "attention-2x3x16x8, 26112", "attention-backward-2x3x16x8, 65280",
        // 6 (2 (12 8^2 + 13 8) + 2 8 + 11 8 parameters + 2 4 8) operations for each of 3 x 4 tokens
        "step-2x2x8x11x3x4, 137664", "round-2x2x8x11x3x4x30, 4129920"
    })
    void countsOperations(String word, long operations) {
        assertThat(Workload.parse(word).operations()).isEqualTo(operations);
    }

    @Test
    void aStepLearns() {
        try (Contender fast = new Tributary(Kernels.simd(1))) {
            Work step = fast.prepare(Workload.parse("step-1x2x16x11x2x8"));
            step.run();
            float first = step.result()[0];
            for (int i = 0; i < 20; i++) {
                step.run();
            }
            assertThat(step.result()[0]).isLessThan(first);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aRoundSaysWhichShareOfItIsSynchronisation(int count) {
        Work round = new Replicas(count, 2).prepare(Workload.parse("round-1x2x16x11x2x8x3"));
        round.run();
        round.run();
        assertThat(round.result()[0]).isBetween(0f, 1f);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gemm-nn-3x4", "gemm-3x4x5", "relu-3x4", "gelu", "gelu-3xfour", "step-1x3x16x11x2x8", "round-1x2x16x11x2x8"})
    void refusesOtherWords(String word) {
        assertThatThrownBy(() -> Workload.parse(word)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(word);
    }
}
