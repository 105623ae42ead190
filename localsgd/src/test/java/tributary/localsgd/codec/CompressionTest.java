package tributary.localsgd.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Compressions as people write them.
class CompressionTest {

    @ParameterizedTest
    @ValueSource(strings = {
        "fp32", "fp32+ef:0.95", "bf16", "bf16:nearest", "fp16", "int8", "int8:stochastic", "int8-codebook", "int4", "int4:stochastic",
        "fp4", "fp4:stochastic", "2bit", "2bit+ef:1", "sign", "sign+no-ef", "topk:0.02", "topk:0.02+int4", "topk:32/4096+2bit+ef:0.95",
        "topk:1+no-ef", "randomk:0.001", "randomk:1/8+fp16", "randomk:1/8+no-ef",
        "dct:64+topk:32/4096+2bit+ef:0.999", "dct:8+int8"
    })
    void aTextReadBackIsTheSame(String text) {
        Compression compression = Compression.parse(text);
        assertThat(compression).hasToString(text);
        assertThat(Compression.parse(compression.toString())).isEqualTo(compression);
    }

    @Test
    void errorFeedbackIsTheStandardWhereNumbersAreLeftOut() {
        assertThat(Compression.parse("topk:0.1").errorFeedback()).isEqualTo(OptionalDouble.of(1));
        assertThat(Compression.parse("sign").errorFeedback()).isEqualTo(OptionalDouble.of(1));
        assertThat(Compression.parse("int4").errorFeedback()).isEmpty();
        assertThat(Compression.parse("fp32+ef").errorFeedback()).isEqualTo(OptionalDouble.of(1));
        assertThat(Compression.parse("fp32+no-ef")).isEqualTo(Compression.none());
    }

    @Test
    void aRandomChoiceIsEnlargedWhereErrorsAreForgotten() {
        assertThat(Compression.parse("randomk:0.5").codec()).isEqualTo(new RandomK(new Kept.Share(0.5), false, new Fp32()));
        assertThat(Compression.parse("randomk:0.5+no-ef").codec()).isEqualTo(new RandomK(new Kept.Share(0.5), true, new Fp32()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "int9 | codec 'int9' is not known; use fp32, bf16, fp16, int8",
        "int8:up | codec 'int8:up' is not known",
        "\"\" | codec '' is not known",
        "topk | codec 'topk' is not known; use fp32",
        "topk: | codec: '' does not say how many numbers to keep; 0.01 or 32/4096 would",
        "topk:0 | codec: a share of 0.0 is not in (0, 1]",
        "topk:9/8 | codec: 9 of every 8 cannot be kept",
        "topk:0.1+randomk:0.1 | codec 'randomk:0.1' is not known",
        "topk:0.1+int8+int4 | codec: 'int4' is not known after int8; known are ef, ef:BETA and no-ef, and after topk or randomk one of fp32",
        "fp32+fp16 | codec: 'fp16' is not known after fp32",
        "dct:64 | codec 'dct:64' is not known; use fp32",
        "dct:x+int8 | codec: 'dct:x' has no length of a chunk after dct:; 64 is customary",
        "dct:1+int8 | codec: a cosine transform of chunks of 1 does nothing",
        "int8+dct:64 | codec: 'dct:64' is not known after int8",
        "ef | codec 'ef' is not known",
        "fp32+ef:x | codec: 'ef:x' has no number after ef:; 0.95 is customary",
        "fp32+ef:0 | codec: error feedback 0.0 is not in (0, 1]; 1 keeps every error, no-ef keeps none",
        "fp32+ef:1.5 | codec: error feedback 1.5 is not in (0, 1]",
    })
    void whatIsNotKnownIsRefused(String text, String message) {
        assertThatThrownBy(() -> Compression.parse(text)).isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith(message);
    }

    @Test
    void sparseCodecsCarryDenseOnes() {
        assertThatThrownBy(() -> new TopK(new Kept.Share(0.1), new RandomK(new Kept.Share(0.1), false, new Fp32())))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("topk cannot carry randomk:0.1; it carries one of fp32");
    }
}
