package tributary.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tributary.autograd.Tape;
import tributary.autograd.Variable;
import tributary.autograd.op.Add;
import tributary.autograd.op.CausalAttention;
import tributary.autograd.op.CrossEntropy;
import tributary.autograd.op.Divide;
import tributary.autograd.op.Embedding;
import tributary.autograd.op.Exp;
import tributary.autograd.op.Gelu;
import tributary.autograd.op.GeluErf;
import tributary.autograd.op.LayerNorm;
import tributary.autograd.op.Linear;
import tributary.autograd.op.Log;
import tributary.autograd.op.LogSoftmax;
import tributary.autograd.op.MatMul;
import tributary.autograd.op.Mean;
import tributary.autograd.op.Multiply;
import tributary.autograd.op.Op;
import tributary.autograd.op.Relu;
import tributary.autograd.op.Reshape;
import tributary.autograd.op.RmsNorm;
import tributary.autograd.op.Rope;
import tributary.autograd.op.Sigmoid;
import tributary.autograd.op.Silu;
import tributary.autograd.op.Softmax;
import tributary.autograd.op.Subtract;
import tributary.autograd.op.Sum;
import tributary.autograd.op.Tanh;
import tributary.autograd.op.Transpose;
import tributary.model.format.SafetensorsFile;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// Every operation and all its gradients against PyTorch's float64, on each backend.
class OpsFixtureTest {
    private static final double OUTPUT_TOLERANCE = 5e-6;
    private static final double GRADIENT_TOLERANCE = 1e-5;

    private static final Kernels REFERENCE = Kernels.reference();
    private static final Kernels SIMD = Kernels.simd(2);

    /// Makes an operation from a case's inputs.
    private interface Maker {
        Op make(Case golden) throws IOException;
    }

    /// What the beginning of a case's name stands for.
    private static final Map<String, Maker> KINDS = new LinkedHashMap<>();

    static {
        KINDS.put("matmul", c -> new MatMul(c.in("a"), c.in("b")));
        KINDS.put("batched_matmul", c -> new MatMul(c.in("a"), c.in("b")));
        KINDS.put("linear", c -> new Linear(c.in("x"), c.in("weight"), true, c.has("bias") ? c.in("bias") : null));
        KINDS.put("add", c -> new Add(c.in("a"), c.in("b")));
        KINDS.put("sub", c -> new Subtract(c.in("a"), c.in("b")));
        KINDS.put("mul", c -> new Multiply(c.in("a"), c.in("b")));
        KINDS.put("div", c -> new Divide(c.in("a"), c.in("b")));
        KINDS.put("layer_norm", c -> new LayerNorm(c.in("x"), c.in("weight"), c.in("bias"), c.attribute("eps")));
        KINDS.put("rms_norm", c -> new RmsNorm(c.in("x"), c.in("weight"), c.attribute("eps")));
        KINDS.put("gelu_tanh", c -> new Gelu(c.in("x")));
        KINDS.put("gelu_erf", c -> new GeluErf(c.in("x")));
        KINDS.put("silu", c -> new Silu(c.in("x")));
        KINDS.put("relu", c -> new Relu(c.in("x")));
        KINDS.put("tanh", c -> new Tanh(c.in("x")));
        KINDS.put("sigmoid", c -> new Sigmoid(c.in("x")));
        KINDS.put("exp", c -> new Exp(c.in("x")));
        KINDS.put("log", c -> new Log(c.in("x")));
        KINDS.put("softmax", c -> new Softmax(c.in("x")));
        KINDS.put("log_softmax", c -> new LogSoftmax(c.in("x")));
        KINDS.put("sum_axis", OpsFixtureTest::sum);
        KINDS.put("mean_all", c -> new Mean(c.in("x")));
        KINDS.put("transpose", c -> new Transpose(c.in("x"), 1, 2));
        KINDS.put("cross_entropy", c -> new CrossEntropy(c.in("logits"), c.ids("target")));
        KINDS.put("embedding", c -> new Embedding(c.in("weight"), c.ids("ids")));
        KINDS.put("causal_attention", c -> new CausalAttention(c.in("q"), c.in("k"), c.in("v")));
        KINDS.put("grouped_query_attention", c -> new CausalAttention(c.in("q"), c.in("k"), c.in("v")));
        KINDS.put("rope_half_split", c -> new Rope(c.in("x"), c.attribute("base")));
    }

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
        JsonNode index = Fixtures.json("ops/index.json");
        assertThat(index.size()).as("cases in ops/index.json").isPositive();
        return index.valueStream().map(entry -> dynamicTest(entry.path("case").stringValue(), () -> check(entry, kernels)));
    }

    private static void check(JsonNode entry, Kernels kernels) throws IOException {
        String name = entry.path("case").stringValue();
        Maker maker = KINDS.get(Fixtures.kind(name, KINDS.keySet()).orElseThrow(() -> new AssertionError(
                "ops/index.json: no operation is known for case " + name + "; known beginnings are " + new TreeSet<>(KINDS.keySet()))));
        try (SafetensorsFile file = Fixtures.tensors("ops/" + name + ".safetensors")) {
            Case golden = new Case(entry, file);
            Tape tape = new Tape(kernels);
            Variable y = tape.apply(maker.make(golden));
            Fixtures.assertClose("out", y.value(), file.tensor("out"), OUTPUT_TOLERANCE);

            // d(sum y dout)/dx is the gradient of x where dout comes in.
            Variable weighted = tape.apply(new Multiply(y, Variable.constant(file.tensor("dout"))));
            Variable flat = tape.apply(new Reshape(weighted, weighted.value().elements()));
            tape.backward(tape.apply(new Sum(flat, 0)));
            int checked = 0;
            for (String tensor : file.names()) {
                if (tensor.startsWith("grad.")) {
                    Variable input = golden.inputs.get(tensor.substring("grad.".length()));
                    assertThat(input).as("an input for %s", tensor).isNotNull();
                    Fixtures.assertClose(tensor, input.gradient(), file.tensor(tensor), GRADIENT_TOLERANCE);
                    checked++;
                }
            }
            assertThat(checked).as("gradients checked").isEqualTo(golden.inputs.size()).isPositive();
        }
    }

    /// The axis is not told; it is the one that the output lacks, the middle one where several are of that size.
    private static Op sum(Case golden) throws IOException {
        Variable x = golden.in("x");
        Shape out = golden.file.shape("out");
        int[] candidates = {1, 0, 2, 3};
        for (int axis : candidates) {
            if (axis < x.value().shape().rank() && x.value().shape().without(axis).equals(out)) {
                return new Sum(x, axis);
            }
        }
        throw new AssertionError("sum_axis: no axis of x " + x.value().shape() + " goes to give " + out);
    }

    /// One case's inputs; each float input is a leaf, made once.
    private static final class Case {
        private final JsonNode entry;
        private final SafetensorsFile file;
        private final Map<String, Variable> inputs = new LinkedHashMap<>();

        Case(JsonNode entry, SafetensorsFile file) {
            this.entry = entry;
            this.file = file;
        }

        boolean has(String name) {
            return file.names().contains("in." + name);
        }

        Variable in(String name) throws IOException {
            if (!inputs.containsKey(name)) {
                Variable leaf = Variable.leaf(file.tensor("in." + name));
                leaf.gradient().fill(Float.NaN);
                inputs.put(name, leaf);
            }
            return inputs.get(name);
        }

        IntTensor ids(String name) throws IOException {
            return file.ints("in." + name);
        }

        float attribute(String name) {
            JsonNode value = entry.path("attributes").path(name);
            assertThat(value.isNumber()).as("attribute %s of %s", name, entry).isTrue();
            return value.floatValue();
        }
    }
}
