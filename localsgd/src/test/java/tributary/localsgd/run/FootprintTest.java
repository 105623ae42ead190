package tributary.localsgd.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tributary.model.Gpt;
import tributary.model.GptConfig;
import tributary.model.Trainer;
import tributary.model.data.BatchSource;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;

class FootprintTest {

    /// The same token everywhere.
    private record OneToken(int batch, int context) implements BatchSource {
        @Override
        public void fill(long step, int replica, int replicas, IntTensor ids, IntTensor targets) {}
    }

    /// Against what a step really takes.
    @ParameterizedTest
    @CsvSource({"4, 64, 32, 2, 65", "3, 32, 64, 6, 500", "2, 64, 16, 12, 1000"})
    void activationsAreEstimatedWithinAFifth(int layers, int width, int context, int rows, int vocabulary) {
        GptConfig model = new GptConfig(layers, 2, width, vocabulary, context, 0, 1e-5);
        for (boolean recompute : new boolean[] {false, true}) {
            try (Kernels kernels = Kernels.simd(1)) {
                Trainer trainer = new Trainer(
                        Gpt.initialized(model, 1), kernels, new OneToken(rows, context), 0, 1, 1, recompute);
                trainer.gradients(0);
                assertThat(Footprint.activations(model, rows, recompute) / (double) trainer.activationBytes())
                        .as("estimate over measured, %s", recompute ? "computed again" : "kept").isBetween(0.8, 1.2);
            }
        }
    }
}
