package tributary.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class BenchCommandTest {

    @Test
    void measuresThisMachine() {
        JsonNode found = Shell.run("bench", "--seconds", 1, "--json").json();
        double ceiling = found.get("ceiling_gflops").asDouble();
        assertThat(ceiling).isPositive();
        assertThat(found.get("memory_gigabytes_per_second").asDouble()).isPositive();
        for (JsonNode product : found.get("products")) {
            assertThat(product.get("share").asDouble()).isPositive().isCloseTo(
                    product.get("gflops").asDouble() / ceiling, org.assertj.core.data.Offset.offset(1e-9));
        }
        assertThat(found.get("training_small").get("tokens_per_second").asDouble()).isPositive();
        assertThat(found.get("limit").asString()).contains("What limits it: ");
    }

    @Test
    void printsATable() {
        Shell shell = Shell.run("bench", "--seconds", 1, "--threads", 1);
        assertThat(shell.exitCode()).isZero();
        assertThat(shell.out()).contains("1 thread;", "GFLOP/s", "GB/s read", "tokens/s", "What limits it: ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1 | 0.9 | 0.95 | 0.01 | the multiply-add units
            1 | 0.4 | 0.5  | 0.1  | work beside the matrix products
            1 | 0.3 | 0.4  | 0.5  | the speed of memory
            1 | 0.4 | 0.8  | 0.1  | matrix products of this size, which reach 50 %
            """)
    void theSentenceNamesTheLargestLoss(double step, double ideal, double products, double memory, String cause) {
        assertThat(new Limit(step, ideal, products, memory).sentence()).contains("What limits it: " + cause);
    }
}
