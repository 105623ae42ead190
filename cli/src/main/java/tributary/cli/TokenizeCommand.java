package tributary.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tributary.model.data.TokenFolder;
import tributary.model.data.TokenizedCorpus;

/// Tokenizes a text once, so that training maps the tokens and need not read the text.
@Command(
        name = "tokenize",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Turns a text into files of tokens, which train --data takes; the text, and each file of it, may be larger than memory.",
            "Training on them is the same, to the bit, as training on the text with the same tokenizer."
        },
        optionListHeading = "%nOptions:%n")
final class TokenizeCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--data", paramLabel = "TEXT", required = true,
            description = "text, as train takes it; may be given several times, as TEXT=WEIGHT too")
    private List<String> data = List.of();

    @Option(names = "--tokenizer", paramLabel = "TEXT", required = true, description = "byte, gpt2, or a file such as tokenizer.json")
    private String tokenizer = "";

    @Option(names = "--out", paramLabel = "DIR", required = true,
            description = "a new folder, or one that an interrupted tokenize has left")
    private @Nullable Path out;

    @Option(names = "--shard-tokens", paramLabel = "INT", description = "tokens of a file, at most [${DEFAULT-VALUE}]")
    private int shardTokens = 1 << 24;

    @Option(names = "--quiet", description = "show no progress")
    private boolean quiet;

    @Override
    public Integer call() throws IOException {
        CommandLine commandLine = Objects.requireNonNull(spec).commandLine();
        PrintWriter err = commandLine.getErr();
        Path folder = Objects.requireNonNull(out);
        TokenizedCorpus corpus;
        try (Counted progress = new Counted(err, quiet)) {
            corpus = TokenFolder.write(TokenizedCorpus.several(data), TokenizedCorpus.named(tokenizer), folder, shardTokens,
                    new TokenFolder.Listener(progress::begin, progress::reached));
        }
        corpus.remarks().forEach(err::println);
        long train = corpus.training().stream().mapToLong(source -> source.tokens().size()).sum();
        Table table = new Table();
        table.row("text", "%s", corpus.description());
        table.row("tokens", "%,d to train on, %,d to judge by", train, corpus.validation().size());
        table.row("vocabulary", "%,d", corpus.tokenizer().vocabularySize());
        table.row("bytes a token", "%.3f", (double) corpus.validationBytes() / corpus.validation().size());
        table.row("folder", "%s; train --data %s", folder, folder);
        table.print(commandLine.getOut());
        return CommandLine.ExitCode.OK;
    }

    /// Shows progress from when the characters have been counted.
    private static final class Counted implements AutoCloseable {
        private final PrintWriter err;
        private final boolean quiet;
        private WorkProgress progress = new WorkProgress.Silent();

        Counted(PrintWriter err, boolean quiet) {
            this.err = err;
            this.quiet = quiet;
        }

        void begin(long characters) {
            progress = WorkProgress.on(err, "Tokenizing", "characters", characters, quiet);
        }

        void reached(long characters) {
            progress.reached(characters);
        }

        @Override
        public void close() {
            progress.close();
        }
    }
}
