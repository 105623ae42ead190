package tributary.bench;

import static tributary.bench.RaceTable.format;

import java.util.ArrayList;
import java.util.List;
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
        subcommands = {Yardstick.Kernel.class, Yardstick.Step.class, Yardstick.Rounds.class, Generation.class},
        description = "Takes turns between this project's kernels and those of native libraries (in a build with -Ppeers).")
final class Yardstick {
    private static final List<String> ROWS = List.of("256", "768", "1024", "4096");
    private static final List<String> LAYERS = List.of("768x768", "2304x768", "3072x768", "768x3072", "50257x768", "384x128", "128x512");
    private static final List<String> STEPS = List.of("step-4x4x128x65x12x64", "step-6x6x384x65x16x256", "step-12x12x768x50257x4x256");
    private static final List<String> ROUNDS = List.of("round-4x4x128x65x12x64x30");

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
        @Option(names = "--threads", split = ",", description = "numbers of threads, one table each [kernel and step 1,2; round 2]")
        private List<Integer> threads = List.of();

        @Option(names = "--contenders", split = ",",
                description = "tributary; with -Ppeers openblas, mkl, torch, torch-bfloat16, torch-openblas,"
                        + " torch-openblas-bfloat16; for rounds replicas-2, replicas-1")
        private List<String> contenders = List.of();

        @Option(names = "--rounds", description = "rounds that count [${DEFAULT-VALUE}]")
        private int rounds = 7;

        @Option(names = "--warmup", description = "seconds each contender runs before what counts [kernel 5 once, step and round 10]")
        private double warmup = Double.NaN;

        @Option(names = "--jvm", description = "a flag for the JVMs, such as -XX:UseAVX=2; may be given again")
        private List<String> jvmOptions = List.of();

        private List<Integer> threads(List<Integer> standard) {
            List<Integer> chosen = threads.isEmpty() ? standard : threads;
            chosen.forEach(count -> positive("--threads", count));
            return chosen;
        }

        private int rounds() {
            return positive("--rounds", rounds);
        }

        private double warmup(double standard) {
            return Double.isNaN(warmup) ? standard : warmup;
        }

        private static int positive(String option, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(option + " " + value + " is not positive; use 1 or more");
            }
            return value;
        }

        /// The names of those that run: the chosen ones, else those of the standard ones that this build has.
        private List<String> contenders(List<String> standard) {
            Set<String> known = Peers.all().keySet();
            for (String name : contenders) {
                if (!known.contains(name)) {
                    throw new IllegalArgumentException("contender " + name + " is none of " + String.join(", ", known)
                            + "; native ones come with mvn -Ppeers");
                }
            }
            return contenders.isEmpty() ? standard.stream().filter(known::contains).toList() : contenders;
        }
    }

    /// Processes that end together.
    private record Field(List<RemoteContender> contenders) implements AutoCloseable {
        Field(List<String> names, int threads, Setting setting) {
            this(new ArrayList<>());
            try {
                names.forEach(name -> contenders.add(new RemoteContender(name, threads, setting.jvmOptions)));
            } catch (RuntimeException e) {
                close();
                throw e;
            }
        }

        void prepare(String word) {
            contenders.forEach(contender -> contender.prepare(word));
        }

        @Override
        public void close() {
            contenders.forEach(RemoteContender::close);
        }
    }

    /// Matrix products at the sizes of GPT, or whatever kernels are named.
    @Command(name = "kernel", mixinStandardHelpOptions = true, description = "GFLOP/s or GB/s of kernels.")
    static final class Kernel implements Callable<Integer> {
        @Mixin
        private Setting setting = new Setting();

        @Parameters(paramLabel = "WORKLOAD", description = "such as gemm-nt-1024x768x3072 (M x N x K) or gelu-1024x3072"
                + " [84 matrix products of GPT's layers]")
        private List<String> words = products();

        @Override
        public Integer call() {
            words.forEach(Workload::parse);
            List<String> names = setting.contenders(List.of("tributary", "openblas", "mkl"));
            for (int threads : setting.threads(List.of(1, 2))) {
                try (Field field = new Field(names, threads, setting)) {
                    field.prepare(words.getFirst());
                    Race.warmUp(field.contenders, setting.warmup(5));
                    RaceTable table = new RaceTable(field.contenders, threads, "GFLOP/s (share) or GB/s");
                    for (String word : words) {
                        field.prepare(word);
                        Workload workload = Workload.parse(word);
                        Race race = Race.run(field.contenders, new Race.Length(setting.rounds(), 0.3, 0.1));
                        table.row(word, race, contender -> workload.operations() > 0
                                ? format("%.1f (%.2f)", workload.operations() / race.seconds(contender) / 1e9,
                                        race.share(contender, workload.operations()))
                                : format("%.1f GB/s", workload.bytes() / race.seconds(contender) / 1e9));
                    }
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
    }

    /// Whole training steps of GPT-2.
    @Command(name = "step", mixinStandardHelpOptions = true, description = "Tokens a second and memory of a whole training step.")
    static final class Step implements Callable<Integer> {
        /// How far apart the losses of two contenders may be, as a share: float32 sums in other orders, and bfloat16.
        private static final double AGREEMENT = 1e-3;
        private static final double ROUGH_AGREEMENT = 2e-2;
        private static final int STEPS_COMPARED = 3;

        @Mixin
        private Setting setting = new Setting();

        @Parameters(paramLabel = "WORKLOAD",
                description = "step-LAYERSxHEADSxWIDTHxVOCABULARYxBATCHxCONTEXT [a small, a middle-sized and the 124M model]")
        private List<String> words = STEPS;

        @Override
        public Integer call() {
            words.forEach(word -> require(word, Workload.TrainingStep.class, "step"));
            List<String> names = setting.contenders(List.of("tributary", "torch", "torch-bfloat16"));
            for (int threads : setting.threads(List.of(1, 2))) {
                for (String word : words) {
                    Workload.TrainingStep workload = require(word, Workload.TrainingStep.class, "step");
                    try (Field field = new Field(names, threads, setting)) {
                        field.prepare(word);
                        check(word, field.contenders);
                        Race.warmUp(field.contenders, setting.warmup(10));
                        Race race = Race.run(field.contenders, new Race.Length(setting.rounds(), 0.3, 1));
                        RaceTable table = new RaceTable(field.contenders, threads, "tokens/s (share), memory");
                        table.row(word, race, contender -> format("%,.0f (%.2f), %,d MiB", workload.tokens() / race.seconds(contender),
                                race.share(contender, workload.operations()), contender.memory() >> 20));
                    }
                }
            }
            return 0;
        }

        /// The losses before and after the first updates are equal, else it is not the same work.
        private static void check(String word, List<RemoteContender> contenders) {
            for (int step = 1; step <= STEPS_COMPARED; step++) {
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
    }

    /// Rounds of DiLoCo: replicas against threads.
    @Command(name = "round", mixinStandardHelpOptions = true,
            description = "Rounds of DiLoCo: two replicas against one on the same threads, and what synchronisation costs.")
    static final class Rounds implements Callable<Integer> {
        @Mixin
        private Setting setting = new Setting();

        @Parameters(paramLabel = "WORKLOAD",
                description = "round-LAYERSxHEADSxWIDTHxVOCABULARYxBATCHxCONTEXTxLOCALSTEPS [a small model, 30 steps]")
        private List<String> words = ROUNDS;

        @Override
        public Integer call() {
            words.forEach(word -> require(word, Workload.LocalSteps.class, "round"));
            List<String> names = setting.contenders(List.of("replicas-2", "replicas-1"));
            for (int threads : setting.threads(List.of(2))) {
                for (String word : words) {
                    Workload.LocalSteps workload = require(word, Workload.LocalSteps.class, "round");
                    try (Field field = new Field(names, threads, setting)) {
                        field.prepare(word);
                        Race.warmUp(field.contenders, setting.warmup(10));
                        Race race = Race.run(field.contenders, new Race.Length(setting.rounds(), 0, 0));
                        RaceTable table = new RaceTable(field.contenders, threads, "tokens/s (share), synchronisation");
                        int tokens = workload.count() * workload.step().tokens();
                        table.row(word, race, contender -> format("%,.0f (%.2f), %.2f %%", tokens / race.seconds(contender),
                                race.share(contender, workload.operations()), 100 * contender.result()));
                    }
                }
            }
            return 0;
        }
    }

    /// @throws IllegalArgumentException where the word is another kind of workload
    private static <W extends Workload> W require(String word, Class<W> kind, String name) {
        Workload workload = Workload.parse(word);
        if (!kind.isInstance(workload)) {
            throw new IllegalArgumentException("workload " + word + " is of another kind; write " + name + "-…");
        }
        return kind.cast(workload);
    }
}
