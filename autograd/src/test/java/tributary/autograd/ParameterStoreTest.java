package tributary.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import tributary.autograd.op.MatMul;
import tributary.autograd.op.Mean;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

class ParameterStoreTest {
    private static final ParameterStore.Layout LAYOUT = ParameterStore.Layout.builder().add("a", 2, 3).add("b", 3, 1).build();

    @Test
    void parametersAreViewsOfTheFlatBuffers() {
        ParameterStore store = new ParameterStore(LAYOUT, Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, 9));
        assertThat(store.names()).containsExactly("a", "b");
        assertThat(store.parameter("b").value().toArray()).containsExactly(7, 8, 9);
        Tape tape = new Tape(Kernels.reference());
        tape.backward(tape.apply(new Mean(tape.apply(new MatMul(store.parameter("a"), store.parameter("b"))))));
        assertThat(store.gradients().toArray()).containsExactly(3.5f, 4, 4.5f, 3.5f, 4, 4.5f, 2.5f, 3.5f, 4.5f);
        store.values().set(8, -1);
        assertThat(store.parameter("b").value().get(2)).isEqualTo(-1);
    }

    @Test
    void aStoreForEvaluationHasNoGradients() {
        ParameterStore store = ParameterStore.withoutGradients(LAYOUT);
        assertThat(store.parameter("a").needsGradient()).isFalse();
        assertThatThrownBy(store::gradients).isInstanceOf(IllegalStateException.class).hasMessageContaining("no gradients");
    }

    @Test
    void misuseIsNamed() {
        ParameterStore.Layout twins = ParameterStore.Layout.builder().add("a", 1).add("a", 2).build();
        assertThatThrownBy(() -> new ParameterStore(twins))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two are named a");
        assertThatThrownBy(() -> new ParameterStore(LAYOUT, Tensor.zeros(8)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("does not hold the layout's 9");
        assertThatThrownBy(() -> new ParameterStore(LAYOUT).parameter("c"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("none is named c");
        assertThatThrownBy(() -> Variable.leaf(Tensor.zeros(2), Tensor.zeros(3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("gradient (3) does not match value (2)");
    }
}
