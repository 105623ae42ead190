package tributary.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GptConfigTest {

    /// GPT-2 has 124,439,808 parameters, 1,024 x 768 of them positions.
    @Test
    void countsTheOperationsOfATrainingStep() {
        assertThat(new GptConfig(12, 12, 768, 50257, 256).trainingFlopsPerToken())
                .isEqualTo(6 * (124_439_808L - 1024 * 768) + 6L * 12 * 256 * 768);
    }
}
