package tributary.model;

import static org.assertj.core.api.Assertions.assertThat;
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
import tributary.model.optimizer.Muon;
import tributary.model.optimizer.Optimizer;
import tributary.model.optimizer.Sgd;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// Every optimizer's path against PyTorch's float64, on each backend.
class OptimizerFixtureTest {
    private static final List<String> KINDS = List.of("adamw", "sgd", "muon");
    private static final double TOLERANCE = 2e-6;
    /// PyTorch's Muon rounds to bfloat16 between its products. A number that lies on the border of two of them falls to either
    /// side with the order of a sum, which moves later steps by up to 1e-4; to compute in float32 throughout moves them by 5e-4.
    private static final double MUON_TOLERANCE = 2e-4;

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
                case "unknown" -> dynamicTest(name, () -> {
                    throw new AssertionError("optimizers/index.json: no optimizer is known for case " + name + "; known are " + KINDS);
                });
                default -> dynamicTest(name, () -> check(name, kind, entry.path("hyperparameters"), kernels));
            };
        });
    }

    private static void check(String name, String kind, JsonNode hyperparameters, Kernels kernels) throws IOException {
        try (SafetensorsFile file = Fixtures.tensors("optimizers/" + name + ".safetensors")) {
            Tensor initial = file.tensor("initial");
            Tensor gradients = file.tensor("gradients");
            Tensor expected = file.tensor("parameters");
            Tensor parameters = initial.copy();
            int elements = initial.elements();
            Optimizer optimizer = switch (kind) {
                case "adamw" -> adamW(hyperparameters, elements);
                case "muon" -> muon(hyperparameters, initial.shape());
                default -> sgd(hyperparameters, elements);
            };
            float lr = hyperparameters.path("lr").floatValue();
            double tolerance = kind.equals("muon") ? MUON_TOLERANCE : TOLERANCE;
            int steps = gradients.shape().size(0);
            assertThat(steps).isEqualTo(expected.shape().size(0)).isPositive();
            for (int step = 0; step < steps; step++) {
                optimizer.step(kernels, parameters, gradients.slice(step), 1f, lr);
                Fixtures.assertClose("parameters after step " + (step + 1), parameters, expected.slice(step), tolerance);
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

    private static Optimizer muon(JsonNode hyperparameters, Shape shape) {
        ParameterStore.Layout layout = ParameterStore.Layout.builder().add("p", shape.toArray()).build();
        Muon.Hyperparameters muon = new Muon.Hyperparameters(
                hyperparameters.path("momentum").doubleValue(), hyperparameters.path("nesterov").booleanValue(),
                hyperparameters.path("weight_decay").doubleValue(), Muon.Rate.BY_SHAPE, Muon.Precision.BFLOAT16);
        return new Muon(layout, entry -> true, muon, new AdamW.Hyperparameters(0.9, 0.999, 1e-8, 0));
    }

    private static Optimizer sgd(JsonNode hyperparameters, int elements) {
        return new Sgd(elements, hyperparameters.path("momentum").doubleValue(0), hyperparameters.path("nesterov").booleanValue(false));
    }
}
