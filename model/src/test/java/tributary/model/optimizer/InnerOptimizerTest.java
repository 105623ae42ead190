package tributary.model.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tributary.autograd.ParameterStore;
import tributary.model.data.StatelessRandom;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

class InnerOptimizerTest {
    private static final InnerOptimizer.Settings SETTINGS = new InnerOptimizer.Settings(0.9, 0.99, 1e-8, 0.1, 0.9);
    private static final ParameterStore.Layout LAYOUT = ParameterStore.Layout.builder().add("wte", 3, 4).add("h.0.w", 4, 5).add("h.0.b", 5)
            .build();
    private static final int P = LAYOUT.elements();

    private static Tensor numbers(long seed) {
        Tensor x = Tensor.zeros(P);
        for (int i = 0; i < P; i++) {
            x.set(i, (float) StatelessRandom.gaussian(seed, i, 0));
        }
        return x;
    }

    private static void steps(Optimizer optimizer, Tensor parameters, int first, int last) {
        try (Kernels kernels = Kernels.simd(1)) {
            for (int step = first; step < last; step++) {
                optimizer.step(kernels, parameters, numbers(step), 0.5f, 0.01f);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void savedAndResumedIsUninterrupted(InnerOptimizer name) {
        Tensor whole = numbers(1);
        Optimizer optimizer = name.over(LAYOUT, SETTINGS);
        steps(optimizer, whole, 0, 3);
        Tensor parts = whole.copy();
        Optimizer resumed = name.over(LAYOUT, SETTINGS);
        resumed.state().forEach((buffer, values) -> values.set(optimizer.state().get(buffer)));
        resumed.resume(optimizer.steps());
        steps(optimizer, whole, 3, 6);
        steps(resumed, parts, 3, 6);
        assertThat(parts.toArray()).isEqualTo(whole.toArray());
        assertThat(resumed.steps()).isEqualTo(6);
    }

    @ParameterizedTest
    @EnumSource
    void momentumIsLookedAtWhereTheListSaysSo(InnerOptimizer name) {
        Tensor a = numbers(1);
        Tensor b = numbers(1);
        steps(name.over(LAYOUT, SETTINGS), a, 0, 3);
        steps(name.over(LAYOUT, new InnerOptimizer.Settings(0.9, 0.99, 1e-8, 0.1, 0.5)), b, 0, 3);
        if (name.settings().contains("inner-momentum")) {
            assertThat(a.toArray()).isNotEqualTo(b.toArray());
        } else {
            assertThat(a.toArray()).isEqualTo(b.toArray());
        }
    }

    @ParameterizedTest
    @EnumSource
    void adamWsSettingsAreLookedAtWhereTheListSaysSo(InnerOptimizer name) {
        Tensor a = numbers(1);
        Tensor b = numbers(1);
        steps(name.over(LAYOUT, SETTINGS), a, 0, 3);
        steps(name.over(LAYOUT, new InnerOptimizer.Settings(0.8, 0.9, 1e-8, 0, 0.9)), b, 0, 3);
        if (name.settings().contains("beta1")) {
            assertThat(name.settings()).contains("beta2", "weight-decay");
            assertThat(a.toArray()).isNotEqualTo(b.toArray());
        } else {
            assertThat(a.toArray()).isEqualTo(b.toArray());
        }
    }

    @Test
    void nesterovNeedsMomentum() {
        InnerOptimizer.Settings none = new InnerOptimizer.Settings(0.9, 0.99, 1e-8, 0.1, 0);
        assertThatThrownBy(() -> InnerOptimizer.NESTEROV.over(LAYOUT, none)).isInstanceOf(IllegalArgumentException.class);
    }
}
