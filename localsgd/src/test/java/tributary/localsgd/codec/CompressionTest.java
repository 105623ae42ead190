package tributary.localsgd.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Compressions as people write them.
class CompressionTest {

    @ParameterizedTest
    @ValueSource(strings = {"fp32", "fp32+ef:0.95"})
    void aTextReadBackIsTheSame(String text) {
        assertThat(Compression.parse(text)).hasToString(text);
    }

    @Test
    void errorFeedbackWithoutANumberKeepsEveryError() {
        assertThat(Compression.parse("fp32+ef").errorFeedback()).isEqualTo(OptionalDouble.of(1));
        assertThat(Compression.parse("fp32+no-ef")).isEqualTo(Compression.none());
    }

    @ParameterizedTest
    @ValueSource(strings = {"int9", "", "fp32+fp64", "fp32+ef:x", "fp32+ef:0", "fp32+ef:1.5"})
    void whatIsNotKnownIsRefused(String text) {
        assertThatThrownBy(() -> Compression.parse(text)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("codec");
    }
}
