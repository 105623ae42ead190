package tributary.model.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tributary.autograd.ParameterStore;
import tributary.model.data.StatelessRandom;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

class MuonTest {
    private static final AdamW.Hyperparameters ADAMW = new AdamW.Hyperparameters(0.9, 0.99, 1e-8, 0.1);
    private static final Muon.Hyperparameters MUON = new Muon.Hyperparameters(0.95, true, 0.1, Muon.Rate.LIKE_ADAMW,
            Muon.Precision.FLOAT32);
    private static final Kernels SIMD = Kernels.simd(1);

    @AfterAll
    static void close() {
        SIMD.close();
    }

    private static Tensor numbers(int n, long seed) {
        Tensor x = Tensor.zeros(n);
        for (int i = 0; i < n; i++) {
            x.set(i, (float) StatelessRandom.gaussian(seed, i, 0));
        }
        return x;
    }

    /// One step of plain descent without momentum leaves -lr r X: its rows, or columns, are nearly orthonormal.
    @ParameterizedTest
    @CsvSource({"8, 24", "24, 8", "16, 16", "1, 5", "5, 1"})
    void aStepIsNearlyOrthogonal(int rows, int columns) {
        ParameterStore.Layout layout = ParameterStore.Layout.builder().add("h.0.w", rows, columns).build();
        Muon muon = new Muon(
                layout, Muon::inBlock, new Muon.Hyperparameters(0, false, 0, Muon.Rate.LIKE_ADAMW, Muon.Precision.FLOAT32), ADAMW);
        Tensor W = Tensor.zeros(rows * columns);
        Tensor gradients = numbers(rows * columns, 1);
        muon.step(SIMD, W, gradients, 1f, 1f);
        double r = 0.2 * Math.sqrt(Math.max(rows, columns));
        double along = 0;
        double squares = 0;
        for (int i = 0; i < W.elements(); i++) {
            double x = -W.get(i) / r;
            along += x * gradients.get(i);
            squares += x * x;
        }
        // Five iterations bring singular values to 0.68 .. 1.14, where they were not tiny beside the largest.
        assertThat(Math.sqrt(squares / Math.min(rows, columns))).as("root of the mean squared singular value").isBetween(0.65, 1.15);
        assertThat(along).as("a descent").isPositive();
        for (int i = 0; i < Math.min(rows, columns); i++) {
            for (int j = 0; j < i; j++) {
                double product = 0;
                for (int k = 0; k < Math.max(rows, columns); k++) {
                    double a = rows <= columns ? W.get(i * columns + k) : W.get(k * columns + i);
                    double b = rows <= columns ? W.get(j * columns + k) : W.get(k * columns + j);
                    product += a * b / r / r;
                }
                assertThat(product).as("%d and %d", i, j).isCloseTo(0, within(0.4));
            }
        }
    }

    @Test
    void aMatrixAndItsTransposedTakeTransposedSteps() {
        int rows = 6;
        int columns = 10;
        Tensor g = numbers(rows * columns, 3);
        Tensor gT = Tensor.zeros(rows * columns);
        SIMD.transpose(g.reshape(rows, columns), 0, 1, false, gT.reshape(columns, rows));
        Tensor W = Tensor.zeros(rows * columns);
        Tensor WT = Tensor.zeros(rows * columns);
        new Muon(ParameterStore.Layout.builder().add("w", rows, columns).build(), entry -> true, MUON, ADAMW).step(SIMD, W, g, 1f, 1f);
        new Muon(ParameterStore.Layout.builder().add("w", columns, rows).build(), entry -> true, MUON, ADAMW).step(SIMD, WT, gT, 1f, 1f);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                assertThat((double) WT.get(j * rows + i)).isCloseTo(W.get(i * columns + j), within(1e-4));
            }
        }
    }

    /// What is no matrix of a block takes AdamW's steps, to the bits.
    @Test
    void theRestIsAdamW() {
        ParameterStore.Layout layout = ParameterStore.Layout.builder()
                .add("wte.weight", 5, 4).add("h.0.ln.weight", 4).add("h.0.fc.weight", 4, 6).add("h.0.fc.bias", 6).add("ln_f.weight", 4)
                .build();
        Optimizer muon = new Muon(layout, Muon::inBlock, MUON, ADAMW);
        Optimizer adamW = new AdamW(layout, ADAMW);
        Tensor a = numbers(layout.elements(), 1);
        Tensor b = numbers(layout.elements(), 1);
        for (int step = 0; step < 4; step++) {
            muon.step(SIMD, a, numbers(layout.elements(), 10 + step), 0.5f, 0.01f);
            adamW.step(SIMD, b, numbers(layout.elements(), 10 + step), 0.5f, 0.01f);
        }
        for (ParameterStore.Entry entry : layout.entries()) {
            float[] moved = a.range(entry.offset(), entry.shape()).toArray();
            float[] byAdamW = b.range(entry.offset(), entry.shape()).toArray();
            if (entry.name().equals("h.0.fc.weight")) {
                assertThat(moved).isNotEqualTo(byAdamW);
            } else {
                assertThat(moved).as(entry.name()).isEqualTo(byAdamW);
            }
        }
    }

    @Test
    void zeroGradientsOnlyDecay() {
        ParameterStore.Layout layout = ParameterStore.Layout.builder().add("h.0.w", 3, 4).build();
        Tensor W = numbers(12, 1);
        new Muon(layout, Muon::inBlock, MUON, ADAMW).step(SIMD, W, Tensor.zeros(12), 1f, 0.1f);
        for (int i = 0; i < 12; i++) {
            assertThat((double) W.get(i)).isCloseTo(0.99 * numbers(12, 1).get(i), within(1e-6));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "transformer.h.0.attn.c_attn.weight, true", "model.layers.11.mlp.up_proj.weight, true", "h.3.mlp.c_fc.weight, true",
        "transformer.wte.weight, false", "model.embed_tokens.weight, false", "lm_head.weight, false"
    })
    void matricesOfBlocksAreKnownByTheirNames(String name, boolean inBlock) {
        assertThat(Muon.inBlock(new ParameterStore.Entry(name, Shape.of(3, 4), 0))).isEqualTo(inBlock);
        assertThat(Muon.inBlock(new ParameterStore.Entry(name, Shape.of(3), 0))).isFalse();
    }

    @Test
    void onlyMatricesCanBeOrthogonal() {
        ParameterStore.Layout layout = ParameterStore.Layout.builder().add("bias", 3).build();
        assertThatThrownBy(() -> new Muon(layout, entry -> true, MUON, ADAMW))
                .isInstanceOf(IllegalArgumentException.class).hasMessage("Muon: bias (3) is not a matrix; leave it to AdamW");
    }

    @Test
    void aStepInSteadyStateAllocatesNothing() {
        ParameterStore.Layout layout = ParameterStore.Layout.builder().add("h.0.w", 8, 12).add("h.0.b", 12).build();
        Muon muon = new Muon(layout, Muon::inBlock, MUON, ADAMW);
        Tensor parameters = numbers(layout.elements(), 1);
        Tensor gradients = numbers(layout.elements(), 2);
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long bytes;
        try (Kernels kernels = Kernels.simd(1)) {
            // The interpreter allocates for what the compiler later removes: a round without an allocation is what is asked
            // for, and on a busy machine the compiler may take its time.
            long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
            do {
                long before = thread.getCurrentThreadAllocatedBytes();
                for (int step = 0; step < 100; step++) {
                    muon.step(kernels, parameters, gradients, 1f, 1e-3f);
                }
                bytes = thread.getCurrentThreadAllocatedBytes() - before;
            } while (bytes != 0 && System.nanoTime() < deadline);
        }
        assertThat(bytes).as("bytes allocated in the last 100 steps").isZero();
    }
}
