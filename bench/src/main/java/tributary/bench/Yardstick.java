package tributary.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Contenders against each other and against the machine's ceiling, in one interleaved run: medians and ratios, as rows of
/// a Markdown table.
@Command(
        name = "Yardstick",
        mixinStandardHelpOptions = true,
        subcommands = {Yardstick.Kernel.class, Yardstick.Step.class},
        description = "Takes turns between this project's kernels and those of native libraries (in a build with -Ppeers).")
final class Yardstick {
    private static final List<String> ROWS = List.of("256", "768", "1024", "4096");
    private static final List<String> LAYERS = List.of("768x768", "2304x768", "3072x768", "768x3072", "50257x768", "384x128", "128x512");
    private static final List<String> STEPS = List.of("step-4x4x128x65x12x64", "step-6x6x384x65x16x256", "step-12x12x768x50257x4x256");

    private Yardstick() {}

    /// Runs a yardstick and ends the JVM with its exit code.
    public static void main(String... arguments) {
        CommandLine commandLine = new CommandLine(new Yardstick());
        commandLine.setParameterExceptionHandler((e, given) -> fail(e, CommandLine.ExitCode.USAGE));
        commandLine.setExecutionExceptionHandler((e, command, result) -> fail(
                e, e instanceof IllegalArgumentException ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE));
        System.exit(commandLine.execute(arguments));
    }

    private static int fail(Exception e, int exitCode) {
        System.err.println("Yardstick: " + e.getMessage());
        return exitCode;
    }

    /// Who runs, and for how long.
    static final class Setting {
        @Option(names = "--threads", split = ",", description = "numbers of threads, one table each [${DEFAULT-VALUE}]")
        private List<Integer> threads = List.of(1, 2);

        @Option(names = "--contenders", split = ",", description = "tributary, and in a build with -Ppeers openblas, torch, torch-bfloat16")
        private List<String> contenders = List.of();

        @Option(names = "--rounds", description = "rounds that count [${DEFAULT-VALUE}]")
        private int rounds = 7;

        @Option(names = "--warmup", description = "seconds each contender runs before what counts [kernel 5 once, step 10]")
        private double warmup = Double.NaN;

        @Option(names = "--jvm", description = "a flag for the JVMs, such as -XX:UseAVX=2; may be given again")
        private List<String> jvmOptions = List.of();

        private double warmup(double standard) {
            return Double.isNaN(warmup) ? standard : warmup;
        }

        private int rounds() {
            if (rounds < 1) {
                throw new IllegalArgumentException("--rounds " + rounds + " is not positive");
            }
            return rounds;
        }

        private List<RemoteContender> start(int threads, List<String> standard) {
            Set<String> known = Peers.all().keySet();
            List<String> chosen = contenders.isEmpty() ? standard.stream().filter(known::contains).toList() : contenders;
            for (String name : chosen) {
                if (!known.contains(name)) {
                    throw new IllegalArgumentException("contender " + name + " is none of " + String.join(", ", known)
                            + "; the native ones come with mvn -Ppeers");
                }
            }
            List<RemoteContender> started = new ArrayList<>();
            chosen.forEach(name -> started.add(new RemoteContender(name, threads, jvmOptions)));
            return started;
        }
    }

    /// Matrix products at the sizes of GPT, or whatever kernels are named.
    @Command(name = "kernel", mixinStandardHelpOptions = true, description = "GFLOP/s or GB/s of kernels.")
    static final class Kernel implements Callable<Integer> {
        @Mixin
        private Setting setting = new Setting();

        @Parameters(paramLabel = "WORKLOAD", description = "such as gemm-nt-1024x768x3072 (M x N x K) or gelu-1024x3072"
                + " [84 matrix products of GPT's layers]")
        private List<String> words = List.of();

        @Override
        public Integer call() {
            List<String> chosen = words.isEmpty() ? products() : words;
            chosen.forEach(Workload::parse);
            for (int threads : setting.threads) {
                List<RemoteContender> contenders = setting.start(threads, List.of("tributary", "openblas"));
                try {
                    for (String word : chosen) {
                        contenders.forEach(contender -> contender.prepare(word));
                        if (word.equals(chosen.getFirst())) {
                            header(contenders, threads);
                            Race.warmUp(contenders, setting.warmup(5));
                        }
                        row(word, contenders, Race.run(contenders, new Race.Length(setting.rounds(), 0.3, 0.1)));
                    }
                } finally {
                    contenders.forEach(RemoteContender::close);
                }
            }
            return 0;
        }

        private static List<String> products() {
            List<String> products = new ArrayList<>();
            for (String layer : LAYERS) {
                for (String rows : ROWS) {
                    for (String form : List.of("nn", "nt", "tn")) {
                        products.add("gemm-" + form + "-" + rows + "x" + layer);
                    }
                }
            }
            return products;
        }

        private static void header(List<RemoteContender> contenders, int threads) {
            List<String> cells = new ArrayList<>(List.of("workload", "ceiling"));
            contenders.forEach(contender -> cells.add(contender.name() + " (share)"));
            contenders.stream().skip(1).forEach(contender -> cells.add("tributary / " + contender.name()));
            Yardstick.header(contenders, threads, cells);
        }

        private static void row(String word, List<RemoteContender> contenders, Race race) {
            Workload workload = Workload.parse(word);
            boolean counted = workload.operations() > 0;
            List<String> cells = new ArrayList<>(List.of(word, counted ? format("%.0f GFLOP/s", race.ceiling()) : ""));
            for (RemoteContender contender : contenders) {
                cells.add(counted
                        ? format("%.1f (%.2f)", workload.operations() / race.seconds(contender) / 1e9,
                                race.share(contender, workload.operations()))
                        : format("%.1f GB/s", workload.bytes() / race.seconds(contender) / 1e9));
            }
            contenders.stream().skip(1).forEach(contender -> cells.add(format("%.2f", race.ratio(contenders.getFirst(), contender))));
            line(cells);
        }
    }

    /// Whole training steps of GPT-2.
    @Command(name = "step", mixinStandardHelpOptions = true, description = "Tokens a second and memory of a whole training step.")
    static final class Step implements Callable<Integer> {
        /// How far apart the losses of two contenders may be, as a share: float32 sums in other orders, and bfloat16.
        private static final double AGREEMENT = 1e-3;
        private static final double ROUGH_AGREEMENT = 2e-2;

        @Mixin
        private Setting setting = new Setting();

        @Parameters(paramLabel = "WORKLOAD",
                description = "step-LAYERSxHEADSxWIDTHxVOCABULARYxBATCHxCONTEXT [a small, a middle-sized and the 124M model]")
        private List<String> words = STEPS;

        @Override
        public Integer call() {
            words.forEach(Workload::parse);
            for (int threads : setting.threads) {
                boolean first = true;
                for (String word : words) {
                    List<RemoteContender> contenders = setting.start(threads, List.of("tributary", "torch", "torch-bfloat16"));
                    try {
                        contenders.forEach(contender -> contender.prepare(word));
                        check(word, contenders);
                        if (first) {
                            header(contenders, threads);
                            first = false;
                        }
                        Race.warmUp(contenders, setting.warmup(10));
                        row(word, contenders, Race.run(contenders, new Race.Length(setting.rounds(), 0.3, 1)));
                    } finally {
                        contenders.forEach(RemoteContender::close);
                    }
                }
            }
            return 0;
        }

        /// The losses before and after the first updates are equal, else it is not the same work.
        private static void check(String word, List<RemoteContender> contenders) {
            for (int step = 1; step <= 3; step++) {
                double expected = contenders.getFirst().result();
                for (RemoteContender contender : contenders) {
                    double loss = contender.result();
                    double tolerance = contender.name().contains("bfloat16") ? ROUGH_AGREEMENT : AGREEMENT;
                    if (!(Math.abs(loss - expected) <= tolerance * expected)) {
                        throw new IllegalStateException(word + ": the loss of " + contender.name() + " at step " + step + " is " + loss
                                + ", that of " + contenders.getFirst().name() + " " + expected);
                    }
                    contender.run(1);
                }
            }
        }

        private static void header(List<RemoteContender> contenders, int threads) {
            List<String> cells = new ArrayList<>(List.of("workload", "ceiling"));
            contenders.forEach(contender -> cells.add(contender.name() + ": tokens/s (share), memory"));
            contenders.stream().skip(1).forEach(contender -> cells.add("tributary / " + contender.name()));
            Yardstick.header(contenders, threads, cells);
        }

        private static void row(String word, List<RemoteContender> contenders, Race race) {
            Workload.TrainingStep workload = step(word);
            List<String> cells = new ArrayList<>(List.of(word, format("%.0f GFLOP/s", race.ceiling())));
            for (RemoteContender contender : contenders) {
                cells.add(format("%,.0f (%.2f), %,d MiB", workload.tokens() / race.seconds(contender),
                        race.share(contender, workload.operations()), contender.memory() >> 20));
            }
            contenders.stream().skip(1).forEach(contender -> cells.add(format("%.2f", race.ratio(contenders.getFirst(), contender))));
            line(cells);
        }
    }

    /// @throws IllegalArgumentException where the word is no training step
    static Workload.TrainingStep step(String word) {
        if (Workload.parse(word) instanceof Workload.TrainingStep step) {
            return step;
        }
        throw new IllegalArgumentException("workload " + word + " is no training step; write step-…");
    }

    private static void header(List<RemoteContender> contenders, int threads, List<String> cells) {
        System.out.printf("%n%d %s; Java %s, %s%n", threads, threads == 1 ? "thread" : "threads", Runtime.version(),
                System.getProperty("os.arch"));
        contenders.forEach(contender -> System.out.println("- " + contender.name() + ": " + contender.description()));
        System.out.println();
        line(cells);
        line(cells.stream().map(cell -> "---").toList());
    }

    static void line(List<String> cells) {
        System.out.println("| " + String.join(" | ", cells) + " |");
    }

    private static String format(String format, Object... facts) {
        return String.format(Locale.ROOT, format, facts);
    }
}
