package tributary.tensor.simd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecondCacheTest {

    @ParameterizedTest
    @CsvSource({"2048K, 2097152", "1M, 1048576", "524288, 524288", "'512K\n', 524288", "0K, 1048576", "'', 1048576", "4096M, 1048576",
        "big, 1048576"})
    void readsWhatTheSystemSaysAndTakesTheUsualSizeOtherwise(String text, int bytes) {
        assertThat(SecondCache.parse(text)).isEqualTo(bytes);
    }
}
