package tributary.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FmaCeilingTest {

    @Test
    void measures() {
        assertThat(FmaCeiling.gflops(2, Duration.ofMillis(300))).isFinite().isPositive();
    }

    @Test
    void refusesNoThreadsAndNoTime() {
        assertThatThrownBy(() -> FmaCeiling.gflops(0, Duration.ofMillis(1))).hasMessageContaining("0 threads");
        assertThatThrownBy(() -> FmaCeiling.gflops(1, Duration.ZERO)).hasMessageContaining("PT0S");
    }
}
