package tributary.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class MemoryBandwidthTest {

    /// No memory of this decade reads 10 TB/s: a faster figure means that the loop was optimised away.
    @Test
    void measures() {
        assertThat(MemoryBandwidth.gigabytes(3, Duration.ofMillis(200))).isBetween(0.01, 10_000.0);
    }

    @Test
    void refusesNoThreadsAndNoTime() {
        assertThatThrownBy(() -> MemoryBandwidth.gigabytes(0, Duration.ofMillis(1))).hasMessageContaining("0 threads");
        assertThatThrownBy(() -> MemoryBandwidth.gigabytes(1, Duration.ZERO)).hasMessageContaining("PT0S");
    }
}
