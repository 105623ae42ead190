package tributary.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tributary.model.data.LearntTokenizer;
import tributary.model.format.DurableFile;
import tributary.model.tokenizer.BpeTokenizer;
import tributary.model.tokenizer.BpeTrainer;

/// Learns a byte-level BPE from a text.
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Learns a byte-level BPE tokenizer from a text, which may be larger than memory, with GPT-2's cut into words.",
            "The file is a tokenizer.json that Hugging Face's tokenizers reads too; train --tokenizer takes it."
        },
        optionListHeading = "%nOptions:%n")
final class TokenizerTrainCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--data", paramLabel = "TEXT", required = true,
            description = "text, as train takes it, without weights; all of it is learnt from; may be given several times")
    private List<String> data = List.of();

    @Option(names = "--vocab-size", paramLabel = "INT", required = true, description = "tokens, the 256 bytes among them")
    private int vocabularySize;

    @Option(names = "--out", paramLabel = "FILE.json", required = true, description = "such as tokenizer.json; replaced if it is there")
    private @Nullable Path out;

    @Option(names = "--min-frequency", paramLabel = "INT",
            description = "how often a pair has to occur to become a token [${DEFAULT-VALUE}]")
    private long minFrequency = 1;

    @Option(names = "--quiet", description = "show no progress")
    private boolean quiet;

    @Override
    public Integer call() throws IOException {
        CommandLine commandLine = Objects.requireNonNull(spec).commandLine();
        PrintWriter err = commandLine.getErr();
        Path file = Objects.requireNonNull(out);
        requireWritable(file);
        BpeTrainer trainer = new BpeTrainer(vocabularySize, minFrequency);
        LearntTokenizer learnt;
        try (WorkProgress progress = WorkProgress.on(err, "Learning", "tokens", vocabularySize, quiet)) {
            learnt = LearntTokenizer.from(data, trainer, progress::reached);
        }
        learnt.remarks().forEach(err::println);
        BpeTokenizer tokenizer = learnt.tokenizer();
        if (tokenizer.vocabularySize() < vocabularySize) {
            err.println("the text has pairs for " + tokenizer.vocabularySize() + " tokens only, not for " + vocabularySize);
        }
        DurableFile.writeString(file, tokenizer.json());
        Table table = new Table();
        table.row("text", "%s, %,d bytes", learnt.description(), learnt.bytes());
        table.row("tokens", "%,d: 256 bytes and %,d merges", tokenizer.vocabularySize(), tokenizer.merges());
        table.row("file", "%s", file);
        table.row("sha256", "%s", tokenizer.sha256());
        table.print(commandLine.getOut());
        return CommandLine.ExitCode.OK;
    }

    private static void requireWritable(Path file) {
        if (!file.toString().toLowerCase(Locale.ROOT).endsWith(".json")) {
            throw new IllegalArgumentException("out " + file + " does not end in .json, by which train --tokenizer knows such files");
        }
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new IllegalArgumentException("out " + file + ": there is no folder " + folder);
        }
        if (Files.isDirectory(file)) {
            throw new IllegalArgumentException("out " + file + " is a folder; name a file");
        }
    }
}
