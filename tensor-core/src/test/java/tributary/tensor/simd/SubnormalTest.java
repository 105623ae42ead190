package tributary.tensor.simd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;
import tributary.tensor.Unary;

/// What tails off exponentially ends in zero before its products with small gradients become subnormal: training slowed
/// down to half its speed when such numbers reached the matrix products.
class SubnormalTest {
    private static final float GRADIENT = 1e-12f;

    @ParameterizedTest
    @EnumSource(names = {"SILU", "GELU_TANH", "GELU_ERF"})
    void activations(Unary f) {
        Tensor x = Tensor.zeros(20_001);
        Tensor y = Tensor.zeros(20_001);
        Tensor dy = Tensor.zeros(20_001);
        Tensor dx = Tensor.zeros(20_001);
        for (int i = 0; i < x.elements(); i++) {
            x.set(i, -100 + i * 0.005f);
        }
        dy.fill(GRADIENT);
        try (Kernels kernels = Kernels.simd(1)) {
            kernels.unary(f, x, y);
            kernels.unaryBackward(f, x, y, dy, false, dx);
        }
        requireNone(y);
        requireNone(dx);
    }

    @Test
    void attentionScores() {
        int queries = GemmTile.COLUMNS;
        int keys = 100;
        Tensor scores = Tensor.zeros(keys, queries);
        Tensor dscores = Tensor.zeros(keys, queries);
        for (int i = 0; i < scores.elements(); i++) {
            scores.set(i, i / queries * -1.2f);
        }
        dscores.fill(GRADIENT);
        AttentionScores.softmaxBackward(
                scores.array(), dscores.array(), keys, queries, 1f, new float[queries], new float[queries]);
        requireNone(scores);
        requireNone(dscores);
    }

    @Test
    void crossEntropy() {
        Tensor logits = Tensor.zeros(1, 1001);
        for (int i = 0; i < 1001; i++) {
            logits.set(i, i * -0.1f);
        }
        Tensor losses = Tensor.zeros(1);
        Tensor logSumExp = Tensor.zeros(1);
        Tensor dlogits = Tensor.zeros(1, 1001);
        try (Kernels kernels = Kernels.simd(1)) {
            kernels.crossEntropy(logits, IntTensor.zeros(1), -100, losses, logSumExp);
            kernels.crossEntropyBackward(logits, IntTensor.zeros(1), -100, logSumExp, GRADIENT, false, dlogits);
        }
        requireNone(dlogits);
    }

    private static void requireNone(Tensor x) {
        boolean any = false;
        for (int i = 0; i < x.elements(); i++) {
            float value = Math.abs(x.get(i));
            assertThat(value == 0 || value >= Float.MIN_NORMAL).as("element %d is %s", i, x.get(i)).isTrue();
            any |= value > 0;
        }
        assertThat(any).as("something is not zero").isTrue();
    }
}
