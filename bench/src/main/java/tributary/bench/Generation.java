package tributary.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tributary.autograd.ParameterStore;
import tributary.model.Generator;
import tributary.model.Gpt;
import tributary.model.GptConfig;
import tributary.model.Sampling;
import tributary.tensor.Kernels;
import tributary.tensor.MemoryBandwidth;

/// Greedy generation against the memory's bandwidth: each token needs every weight once, so reading them is the least it
/// can cost. In every round the same threads first read the same weights and do nothing else. A round's speed is that of
/// its median token.
///
/// What counts as weights is all parameters but the positions, of which a token needs one row. The keys and values of the
/// text so far are read besides and not counted.
@Command(name = "generate", mixinStandardHelpOptions = true, description = "Tokens a second of greedy generation, and the share of"
        + " what memory allows.")
final class Generation implements Callable<Integer> {
    @Option(names = "--threads", split = ",", description = "numbers of threads, one row each [${DEFAULT-VALUE}]")
    private List<Integer> threads = List.of(1, 2);

    @Option(names = "--rounds", description = "rounds that count, after one that does not [${DEFAULT-VALUE}]")
    private int rounds = 7;

    @Option(names = "--prompt", description = "tokens read before the first one is drawn [${DEFAULT-VALUE}]")
    private int prompt = 16;

    @Option(names = "--tokens", description = "tokens drawn in a round [${DEFAULT-VALUE}]")
    private int tokens = 49;

    @Parameters(paramLabel = "WORKLOAD", arity = "0..1",
            description = "generate-LAYERSxHEADSxWIDTHxVOCABULARYxCONTEXT [${DEFAULT-VALUE}]")
    private String word = "generate-12x12x768x50257x1024";

    @Override
    public Integer call() {
        GptConfig config = config(word);
        if (rounds < 1 || prompt < 1 || tokens < 2 || prompt + tokens > config.context()) {
            throw new IllegalArgumentException(
                    "--rounds and --prompt are 1 at least, --tokens 2, and together the prompt and the tokens fit"
                            + " the context " + config.context());
        }
        Gpt model = new Gpt(config, ParameterStore.withoutGradients(Gpt.layout(config)));
        model.initialize(1);
        System.out.printf("%nJava %s, %s%n%n", Runtime.version(), System.getProperty("os.arch"));
        RaceTable.line(List.of(word, "first token after " + prompt, "memory", "bound", "generation", "share"));
        RaceTable.line(List.of("---", "---", "---", "---", "---", "---"));
        for (int count : threads) {
            try (Kernels kernels = Kernels.simd(count)) {
                RaceTable.line(row(model, kernels));
            }
        }
        return 0;
    }

    private List<String> row(Gpt model, Kernels kernels) {
        Generator generator = new Generator(model, kernels);
        GptConfig config = model.config();
        int[] beginning = IntStream.range(0, prompt).map(i -> i * 7919 % config.vocabulary()).toArray();
        double bytes = (double) Float.BYTES * (model.parameters().values().elements() - config.context() * config.width());
        List<Double> bandwidth = new ArrayList<>();
        List<Double> speed = new ArrayList<>();
        List<Double> share = new ArrayList<>();
        List<Double> first = new ArrayList<>();
        long[] times = new long[tokens];
        for (int round = -1; round < rounds; round++) {
            double memory = 1e9 * MemoryBandwidth.gigabytes(model.parameters().values(), kernels.threads(), Duration.ofMillis(200));
            int[] drawn = {0};
            long start = System.nanoTime();
            generator.generate(beginning, tokens, new Sampling(0, 1, 1, 1), id -> times[drawn[0]++] = System.nanoTime());
            if (round >= 0) {
                double reached = 1e9 / Race.median(IntStream.range(1, tokens).mapToObj(i -> (double) (times[i] - times[i - 1])).toList());
                bandwidth.add(memory);
                speed.add(reached);
                share.add(reached * bytes / memory);
                first.add((times[0] - start) / 1e6);
            }
        }
        return List.of(
                kernels.description(), format("%.0f ms", Race.median(first)), format("%.1f GB/s", Race.median(bandwidth) / 1e9),
                format("%.1f tokens/s", Race.median(bandwidth) / bytes), format("%.1f tokens/s", Race.median(speed)),
                format("%.2f", Race.median(share)));
    }

    /// @throws IllegalArgumentException where the word is none
    private static GptConfig config(String word) {
        try {
            int[] sizes = Arrays.stream(word.replaceFirst("^generate-", "").split("x")).mapToInt(Integer::parseInt).toArray();
            return new GptConfig(sizes[0], sizes[1], sizes[2], sizes[3], sizes[4]);
        } catch (ArrayIndexOutOfBoundsException | NumberFormatException e) {
            throw new IllegalArgumentException("workload " + word + " is not generate-LAYERSxHEADSxWIDTHxVOCABULARYxCONTEXT", e);
        }
    }

    private static String format(String format, Object... facts) {
        return String.format(Locale.ROOT, format, facts);
    }
}
