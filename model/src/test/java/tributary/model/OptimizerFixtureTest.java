package tributary.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tributary.autograd.ParameterStore;
import tributary.model.format.SafetensorsFile;
import tributary.model.optimizer.AdamW;
import tributary.model.optimizer.Optimizer;
import tributary.model.optimizer.Sgd;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// Every optimizer's path against PyTorch's float64, on each backend.
class OptimizerFixtureTest {
    private static final List<String> KINDS = List.of("adamw", "sgd", "muon");
    private static final double TOLERANCE = 2e-6;

    private static final Kernels REFERENCE = Kernels.reference();
    private static final Kernels SIMD = Kernels.simd(2);

    @AfterAll
    static void close() {
        SIMD.close();
    }

    @TestFactory
    Stream<DynamicTest> reference() {
        return cases(REFERENCE);
    }

    @TestFactory
    Stream<DynamicTest> simd() {
        return cases(SIMD);
    }

    private static Stream<DynamicTest> cases(Kernels kernels) {
        JsonNode index = Fixtures.json("optimizers/index.json");
        assertThat(index.size()).as("cases in optimizers/index.json").isPositive();
        return index.valueStream().map(entry -> {
            String name = entry.path("case").stringValue();
            String kind = Fixtures.kind(name, KINDS).orElse("unknown");
            return switch (kind) {
                case "muon" -> dynamicTest(name + " (not built, nothing checked)", OptimizerFixtureTest::muonIsNotBuilt);
                case "unknown" -> dynamicTest(name, () -> {
                    throw new AssertionError("optimizers/index.json: no optimizer is known for case " + name + "; known are " + KINDS);
                });
                default -> dynamicTest(name, () -> check(name, kind, entry.path("hyperparameters"), kernels));
            };
        });
    }

    /// Fails on the day the optimizer is there, so that its case is then checked.
    private static void muonIsNotBuilt() {
        assertThatThrownBy(() -> Class.forName("tributary.model.optimizer.Muon")).isInstanceOf(ClassNotFoundException.class);
    }

    private static void check(String name, String kind, JsonNode hyperparameters, Kernels kernels) throws IOException {
        try (SafetensorsFile file = Fixtures.tensors("optimizers/" + name + ".safetensors")) {
            Tensor initial = file.tensor("initial");
            Tensor gradients = file.tensor("gradients");
            Tensor expected = file.tensor("parameters");
            Tensor parameters = initial.copy();
            int elements = initial.elements();
            Optimizer optimizer = kind.equals("adamw") ? adamW(hyperparameters, elements) : sgd(hyperparameters, elements);
            float lr = hyperparameters.path("lr").floatValue();
            int steps = gradients.shape().size(0);
            assertThat(steps).isEqualTo(expected.shape().size(0)).isPositive();
            for (int step = 0; step < steps; step++) {
                optimizer.step(kernels, parameters, gradients.slice(step), 1f, lr);
                Fixtures.assertClose("parameters after step " + (step + 1), parameters, expected.slice(step), TOLERANCE);
            }
        }
    }

    private static Optimizer adamW(JsonNode hyperparameters, int elements) {
        // One row of a matrix, because vectors are spared the decay.
        ParameterStore.Layout layout = ParameterStore.Layout.builder().add("p", 1, elements).build();
        JsonNode betas = hyperparameters.path("betas");
        return new AdamW(layout, new AdamW.Hyperparameters(
                betas.path(0).doubleValue(), betas.path(1).doubleValue(),
                hyperparameters.path("eps").doubleValue(), hyperparameters.path("weight_decay").doubleValue()));
    }

    private static Optimizer sgd(JsonNode hyperparameters, int elements) {
        return new Sgd(elements, hyperparameters.path("momentum").doubleValue(0), hyperparameters.path("nesterov").booleanValue(false));
    }
}
