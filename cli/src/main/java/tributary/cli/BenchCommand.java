package tributary.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.GptConfig;
import tributary.tensor.Kernels;
import tributary.tensor.MemoryBandwidth;

/// Measures this machine: how fast it trains, which share of its ceiling that is, and what stands in the way.
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = "Measures how fast this machine multiplies matrices and trains, beside what it could do, and says what limits it.",
        optionListHeading = "%nOptions:%n")
final class BenchCommand implements Callable<Integer> {
    private static final int CHARACTERS = 65;
    private static final GptConfig SMALL = new GptConfig(4, 4, 128, CHARACTERS, 64);
    private static final int SMALL_BATCH = 12;
    private static final GptConfig MIDDLE = new GptConfig(6, 6, 384, CHARACTERS, 256);
    private static final int MIDDLE_BATCH = 4;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--threads", paramLabel = "INT", description = "[all processors: ${DEFAULT-VALUE}]")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--seconds", paramLabel = "INT", description = "about how long it takes; less is less exact [${DEFAULT-VALUE}]")
    private int seconds = 40;

    @Option(names = "--json", description = "print one JSON object")
    private boolean json;

    /// What was measured.
    ///
    /// @param products the last two at the sizes of the small and of the middle model
    /// @param middle empty where one step would have taken too long
    private record Figures(
            String machine, double bandwidth, List<GemmSpeed> products, StepSpeed small, Optional<StepSpeed> middle, Duration longest) {

        double ceiling() {
            return products.stream().mapToDouble(GemmSpeed::ceiling).max().orElseThrow();
        }

        double share(StepSpeed step) {
            return step.gigaflop() / step.seconds() / ceiling();
        }

        Limit limit() {
            StepSpeed step = middle.orElse(small);
            GemmSpeed product = products.get(products.size() - (middle.isPresent() ? 1 : 2));
            return new Limit(step.seconds(), step.gigaflop() / ceiling(), step.gigaflop() / product.gflops(),
                    step.optimizerGigabytes() / bandwidth);
        }
    }

    @Override
    public Integer call() {
        Requirement.positive("threads", threads);
        Requirement.positive("seconds", seconds);
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        Figures figures;
        try (Kernels kernels = Kernels.simd(threads)) {
            figures = measure(kernels);
        }
        if (json) {
            out.println(toJson(figures));
        } else {
            print(figures, out);
        }
        return 0;
    }

    private Figures measure(Kernels kernels) {
        double bandwidth = MemoryBandwidth.gigabytes(threads, share(0.05));
        List<GemmSpeed> products = new ArrayList<>();
        int[][] sizes = {{1024, 768, 768}, {1024, 3072, 768}, {SMALL_BATCH * 64, 512, 128}, {MIDDLE_BATCH * 256, 1536, 384}};
        for (int[] size : sizes) {
            products.add(GemmSpeed.measure(kernels, size[0], size[1], size[2], share(0.07)));
        }
        StepSpeed small = StepSpeed.measure(kernels, SMALL, SMALL_BATCH, share(0.2));
        Duration longest = share(0.4);
        double predicted = StepSpeed.gigaflop(MIDDLE, MIDDLE_BATCH) / small.gigaflop() * small.seconds();
        Optional<StepSpeed> middle = predicted * 1e9 > longest.toNanos() ? Optional.empty()
                : Optional.of(StepSpeed.measure(kernels, MIDDLE, MIDDLE_BATCH, longest));
        return new Figures(kernels.description(), bandwidth, products, small, middle, longest);
    }

    private Duration share(double part) {
        return Duration.ofNanos((long) (1e9 * seconds * part));
    }

    private static void print(Figures figures, PrintWriter out) {
        Table table = new Table();
        table.row("machine", "%s; Java %s", figures.machine, Runtime.version());
        table.row("multiply-add ceiling", "%,.0f GFLOP/s", figures.ceiling());
        table.row("memory", "%,.1f GB/s read", figures.bandwidth);
        for (GemmSpeed product : figures.products) {
            table.row("product " + product.m() + " x " + product.n() + " x " + product.k(), "%,.0f GFLOP/s, %.0f %% of the ceiling",
                    product.gflops(), 100 * product.gflops() / figures.ceiling());
        }
        step(table, "training, small", figures, figures.small);
        if (figures.middle.isPresent()) {
            step(table, "training, middle", figures, figures.middle.get());
        } else {
            table.row("training, middle", "left out: one step would take longer than %.0f s", figures.longest.toNanos() / 1e9);
        }
        table.print(out);
        out.println();
        out.println(figures.limit().sentence());
    }

    private static void step(Table table, String name, Figures figures, StepSpeed step) {
        GptConfig config = step.config();
        table.row(name, "%,.0f tokens/s, %.0f %% of the ceiling (%d layers, width %d, vocabulary %d, batch %d x %d)",
                step.tokensPerSecond(), 100 * figures.share(step), config.layers(), config.width(), config.vocabulary(), step.batch(),
                config.context());
    }

    private static ObjectNode toJson(Figures figures) {
        ObjectNode object = JsonMapper.shared().createObjectNode();
        object.put("machine", figures.machine);
        object.put("java", Runtime.version().toString());
        object.put("ceiling_gflops", figures.ceiling());
        object.put("memory_gigabytes_per_second", figures.bandwidth);
        for (GemmSpeed product : figures.products) {
            ObjectNode node = object.withArray("products").addObject();
            node.put("m", product.m()).put("n", product.n()).put("k", product.k());
            node.put("gflops", product.gflops()).put("share", product.gflops() / figures.ceiling());
        }
        putInto(object.putObject("training_small"), figures, figures.small);
        figures.middle.ifPresent(middle -> putInto(object.putObject("training_middle"), figures, middle));
        object.put("limit", figures.limit().sentence());
        return object;
    }

    private static void putInto(ObjectNode object, Figures figures, StepSpeed step) {
        object.put("tokens_per_second", step.tokensPerSecond()).put("share", figures.share(step));
    }
}
