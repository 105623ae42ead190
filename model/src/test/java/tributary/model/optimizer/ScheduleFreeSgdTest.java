package tributary.model.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

class ScheduleFreeSgdTest {
    private static final Kernels KERNELS = Kernels.reference();

    /// The paper's three sequences, with every z kept, against a quadratic whose gradient is y - 3.
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.2, 0.9})
    void followsThePaper(double beta) {
        double lr = 0.3;
        ScheduleFreeSgd optimizer = new ScheduleFreeSgd(1, beta);
        Tensor parameters = Tensor.of(new float[] {-1}, 1);
        assertThat(optimizer.evaluated(parameters)).isSameAs(parameters);
        double z = -1;
        double y = -1;
        double sum = 0;
        for (int t = 1; t <= 20; t++) {
            Tensor gradient = Tensor.of(new float[] {parameters.get(0) - 3}, 1);
            optimizer.step(KERNELS, parameters, gradient, 0.5f, (float) lr);
            z -= lr * 0.5 * (y - 3);
            sum += z;
            double x = sum / t;
            y = (1 - beta) * z + beta * x;
            assertThat((double) parameters.get(0)).isCloseTo(y, within(1e-5));
            assertThat((double) optimizer.evaluated(parameters).get(0)).isCloseTo(x, within(1e-5));
        }
    }

    @Test
    void betaIsBelowOne() {
        assertThatThrownBy(() -> new ScheduleFreeSgd(3, 1)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("beta 1.0");
    }
}
