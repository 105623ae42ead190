package tributary.localsgd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tributary.autograd.ParameterStore;
import tributary.model.optimizer.Optimizer;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

class OuterOptimizerTest {
    private static final ParameterStore.Layout LAYOUT = ParameterStore.Layout.builder().add("w", 2, 3).add("b", 3).build();
    private static final int P = LAYOUT.elements();
    private static final Kernels KERNELS = Kernels.reference();

    private static void step(Optimizer optimizer, Tensor theta, float lr) {
        Tensor delta = theta.copy(); // towards zero
        optimizer.step(KERNELS, theta, delta, 1f, lr);
    }

    private static Tensor ones() {
        Tensor ones = Tensor.zeros(P);
        ones.fill(1);
        return ones;
    }

    private static Optimizer standard(OuterOptimizer name) {
        return name.over(LAYOUT, name.standardMomentum().orElse(0));
    }

    /// The first two steps from 1 towards 0, worked out by hand from the formulas.
    @ParameterizedTest
    @CsvSource({
        "SGD, 0.5, 0.5, 0.25",
        "MOMENTUM, 0.1, 0.9, 0.72", // v = 1, then 0.9 + 0.9
        "NESTEROV, 0.1, 0.81, 0.5751", // v = 1: 1 + 0.9; v = 0.9 + 0.81 = 1.71: 0.81 + 1.539
        "ADAM, 0.01, 0.99000999, 0.98002", // a step of lr / (1 + epsilon) at first, since Delta hardly changes then too
        "SCHEDULE_FREE, 0.5, 0.5, 0.275", // z = 0.5, x = 0.5; z = 0.25, x = 0.375, y = 0.8 z + 0.2 x
    })
    void takesTheStepsOfItsFormula(OuterOptimizer name, float lr, double first, double second) {
        Optimizer optimizer = standard(name);
        Tensor theta = ones();
        step(optimizer, theta, lr);
        assertThat((double) theta.get(0)).isCloseTo(first, within(1e-5));
        step(optimizer, theta, lr);
        for (int i = 0; i < P; i++) {
            assertThat((double) theta.get(i)).isCloseTo(second, within(1e-5));
        }
    }

    @ParameterizedTest
    @EnumSource
    void savedAndResumedIsUninterrupted(OuterOptimizer name) {
        Tensor whole = ones();
        Optimizer optimizer = standard(name);
        step(optimizer, whole, 0.1f);
        step(optimizer, whole, 0.1f);
        Tensor parts = whole.copy();
        Optimizer resumed = standard(name);
        resumed.state().forEach((buffer, values) -> values.set(optimizer.state().get(buffer)));
        resumed.resume(2);
        step(optimizer, whole, 0.1f);
        step(resumed, parts, 0.1f);
        assertThat(parts.toArray()).isEqualTo(whole.toArray());
    }

    @Test
    void nesterovWithoutMomentumIsPlain() {
        Tensor nesterov = ones();
        Tensor plain = ones();
        step(OuterOptimizer.NESTEROV.over(LAYOUT, 0), nesterov, 0.4f);
        step(OuterOptimizer.SGD.over(LAYOUT, 0), plain, 0.4f);
        assertThat(nesterov.toArray()).isEqualTo(plain.toArray());
    }

    @Test
    void standardsWorkWithTheirOptimizers() {
        for (OuterOptimizer name : OuterOptimizer.values()) {
            Tensor theta = ones();
            Optimizer optimizer = standard(name);
            for (int round = 0; round < 300; round++) {
                step(optimizer, theta, (float) name.standardLr());
            }
            assertThat((double) Math.abs(optimizer.evaluated(theta).get(0))).as("%s after 300 rounds", name).isLessThan(0.05);
        }
    }
}
