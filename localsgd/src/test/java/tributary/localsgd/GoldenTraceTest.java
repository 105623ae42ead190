package tributary.localsgd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.autograd.ParameterStore;
import tributary.localsgd.codec.Compression;
import tributary.model.optimizer.Optimizer;
import tributary.model.optimizer.Schedule;
import tributary.model.optimizer.Sgd;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// Every algorithm on a model whose gradient is the same at all times, so that each number can be followed on paper: three
/// replicas, two blocks of three and two parameters, the global parameters after every round. The traces are committed;
/// `-Dgolden.write=FILE` writes them anew, to be read before they are.
class GoldenTraceTest {
    private static final ParameterStore.Layout LAYOUT = ParameterStore.Layout.builder()
            .add("transformer.h.0.weight", 3)
            .add("transformer.h.1.weight", 2)
            .build();
    private static final int P = LAYOUT.elements();
    private static final int M = 3;
    private static final int T = 9;
    private static final double LR = 0.1;
    private static final Schedule INNER_LR = new Schedule.Constant(LR);
    private static final LocalSteps H = new LocalSteps.Constant(2);
    private static final Schedule ETA = new Schedule.Constant(0.5);
    private static final Pace EQUAL = Pace.equal(M);
    private static final Pace UNEQUAL = new Pace(1000, 1300, 2100);
    private static final double[] START = {1, -2, 3, 0.5, 4};

    /// An algorithm with what its replicas need.
    private record Trace(String name, Supplier<Algorithm> algorithm, Pace pace, String codec) {
        Trace(String name, Supplier<Algorithm> algorithm) {
            this(name, algorithm, EQUAL, "fp32");
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Trace> traces() {
        return Stream.concat(streaming(), Stream.of(
                new Trace("streaming, 2 fragments, one step apart", () -> new StreamingDiLoCo(
                        4, Fragments.of(LAYOUT, 2, Fragments.Choice.STRIDED), 1, 2, 0.5, ETA, GoldenTraceTest::nesterov)),
                new Trace("data parallel", () -> new DataParallel(nesterov(P), INNER_LR, 1.0)),
                new Trace("local SGD", () -> new LocalSgd(H)),
                new Trace("post-local SGD", () -> new PostLocalSgd(3, H)),
                new Trace("DiLoCo", () -> new DiLoCo(0, H, ETA, nesterov(P))),
                new Trace("DiLoCo, 2bit", () -> new DiLoCo(1, H, ETA, nesterov(P)), EQUAL, "2bit+ef"),
                new Trace("MuLoCo", () -> new MuLoCo(0, H, ETA, nesterov(P))),
                new Trace("multi-cluster, one cluster", () -> new MultiCluster(4, 2, 1, MultiCluster.Inside.PARAMETERS, ETA, nesterov(P))),
                new Trace("multi-cluster, three", () -> new MultiCluster(4, 2, 3, MultiCluster.Inside.PARAMETERS, ETA, nesterov(P))),
                new Trace("multi-cluster, data parallel inside", () -> new MultiCluster(
                        4, 1, 1, MultiCluster.Inside.GRADIENTS, ETA, nesterov(P))),
                new Trace("SlowMo", () -> new SlowMo(H, 0.8, 0.5, INNER_LR, P)),
                new Trace("Lookahead", () -> new Lookahead(H, 0.5)),
                new Trace("async, delayed", () -> new AsyncLocalSgd(UNEQUAL, 2, false, 3, ETA, 0.9, P), UNEQUAL, "fp32"),
                new Trace("async, naive", () -> new AsyncLocalSgd(UNEQUAL, 2, false, 1, ETA, 0.9, P), UNEQUAL, "fp32"),
                new Trace("async, dynamic", () -> new AsyncLocalSgd(UNEQUAL, 3, true, 2, ETA, 0.9, P), UNEQUAL, "fp32"),
                new Trace("decoupled, all", () -> new DecoupledDiLoCo(UNEQUAL, 2, 3, 0, ETA, nesterov(P)), UNEQUAL, "fp32"),
                new Trace("decoupled, two and grace", () -> new DecoupledDiLoCo(UNEQUAL, 2, 2, 300, ETA, nesterov(P)), UNEQUAL, "fp32"),
                new Trace("SparseLoCo", () -> new SparseLoCo(H, 1, SparseLoCo.Mean.ALL), EQUAL, "topk:2/5+ef:0.95"),
                new Trace("SparseLoCo, senders", () -> new SparseLoCo(H, 1, SparseLoCo.Mean.SENDERS), EQUAL, "topk:2/5+ef:0.95"),
                new Trace("DeMo", () -> new DeMo(INNER_LR, 0.1, LAYOUT), EQUAL, "dct:5+topk:2/5+ef:0.9"),
                new Trace("PALSGD", () -> new Palsgd(1, H, 0.4, 0.5, ETA, nesterov(P), 3)),
                new Trace("NoLoCo", () -> new NoLoCo(H, 0.5, 0.7, 0.7, 3)),
                new Trace("SPARTA", () -> new Sparta(0.4, 3)),
                new Trace("SCAFFOLD", () -> new Scaffold(H, 1, P)),
                new Trace("FedProx", () -> new FedProx(H, 0.5))));
    }

    private static Stream<Trace> streaming() {
        return Stream.of(1, 2).flatMap(P -> Stream.of(0, 1, 3).flatMap(tau -> Stream.of(0.0, 0.5).map(alpha -> new Trace(
                "streaming, %d fragments, tau %d, alpha %s".formatted(P, tau, alpha),
                () -> new StreamingDiLoCo(
                        4, Fragments.of(LAYOUT, P, Fragments.Choice.STRIDED), 4 / P, tau, alpha, ETA, GoldenTraceTest::nesterov)))));
    }

    private static Optimizer nesterov(int elements) {
        return new Sgd(elements, 0.9, true);
    }

    /// The gradient of parameter i on replica m is (m + 1) (i + 1) / 10 times 1, -1, 1, ... in i.
    private static final class ConstantGradient extends ToyGroup.Toy {
        private final int replica;

        ConstantGradient(int replica, Kernels kernels) {
            super(P, kernels);
            this.replica = replica;
        }

        static float gradient(int replica, int i) {
            return (i % 2 == 0 ? 1 : -1) * (replica + 1) * (i + 1) / 10f;
        }

        @Override
        public double gradient(int step) {
            for (int i = 0; i < P; i++) { // an algorithm may have written over them
                gradients.set(i, gradient(replica, i));
            }
            return 0;
        }
    }

    private static List<float[]> run(Trace trace) {
        Algorithm algorithm = trace.algorithm.get();
        Tensor theta = Tensor.zeros(P);
        for (int i = 0; i < P; i++) {
            theta.set(i, (float) START[i]);
        }
        List<float[]> rounds = new ArrayList<>();
        try (ThreadPoolGroup group = ToyGroup.of(
                algorithm, trace.pace, LR, Compression.parse(trace.codec), ConstantGradient::new)) {
            algorithm.train(theta, group, new Rounds(0, T, new Rounds.Observer() {
                @Override
                public void finished(Round round) {
                    rounds.add(theta.toArray());
                }
            }));
        }
        return rounds;
    }

    @ParameterizedTest
    @MethodSource("traces")
    void isAsCommitted(Trace trace) throws IOException {
        JsonNode expected = committed().path(trace.name);
        List<float[]> actual = run(trace);
        assertThat(actual).as("rounds").hasSize(expected.size()).isNotEmpty();
        for (int round = 0; round < actual.size(); round++) {
            for (int i = 0; i < P; i++) {
                assertThat((double) actual.get(round)[i]).as("round %d, parameter %d", round + 1, i)
                        .isCloseTo(expected.path(round).path(i).doubleValue(), within(1e-6));
            }
        }
    }

    @Test
    void everyAlgorithmHasATrace() {
        assertThat(traces().map(trace -> trace.algorithm.get().getClass()).collect(Collectors.toSet()))
                .isEqualTo(Set.of(Algorithm.class.getPermittedSubclasses()));
    }

    @Test
    void diLoCosTraceFollowsFromItsEquations() {
        double[] theta = START.clone();
        double[] v = new double[P];
        List<float[]> rounds = run(new Trace("", () -> new DiLoCo(0, H, ETA, nesterov(P))));
        int[] steps = {2, 2, 2, 2, 1};
        for (int round = 0; round < steps.length; round++) {
            for (int i = 0; i < P; i++) {
                double delta = steps[round] * LR * (i % 2 == 0 ? 1 : -1) * 2 * (i + 1) / 10; // the mean replica has m + 1 = 2
                v[i] = 0.9 * v[i] + delta;
                theta[i] -= 0.5 * (delta + 0.9 * v[i]);
                assertThat((double) rounds.get(round)[i]).isCloseTo(theta[i], within(1e-5));
            }
        }
    }

    private static JsonNode committed() throws IOException {
        String file = System.getProperty("golden.write");
        if (file != null) {
            ObjectNode all = JsonMapper.shared().createObjectNode();
            traces().forEach(trace -> {
                ArrayNode rounds = all.putArray(trace.name);
                run(trace).forEach(theta -> {
                    ArrayNode row = rounds.addArray();
                    for (float value : theta) {
                        row.add(value);
                    }
                });
            });
            Files.writeString(Path.of(file), all.toString().replace("],\"", "],\n\"").replace("{\"", "{\n\"").replace("]]}", "]]\n}\n"));
            return all;
        }
        try (InputStream in = GoldenTraceTest.class.getResourceAsStream("/golden-traces.json")) {
            return JsonMapper.shared().readTree(in);
        }
    }
}
