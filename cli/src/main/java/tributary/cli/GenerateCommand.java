package tributary.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tributary.localsgd.run.Run;
import tributary.model.Sampling;
import tributary.model.SavedModel;
import tributary.tensor.Kernels;

/// Writes text with a trained model.
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = "Continues a text, and prints it as it comes.",
        optionListHeading = "%nOptions:%n")
final class GenerateCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "a run's folder, or one in Hugging Face's GPT-2 layout")
    private @Nullable Path model;

    @Option(names = "--prompt", paramLabel = "TEXT", description = "the text to continue [an empty line]")
    private String prompt = "\n";

    @Option(names = "--max-tokens", paramLabel = "INT", description = "how many tokens to write [${DEFAULT-VALUE}]")
    private int maxTokens = 500;

    @Option(names = "--temperature", paramLabel = "NUMBER",
            description = "below 1 the likelier tokens win more often, 0 takes the likeliest always [${DEFAULT-VALUE}]")
    private double temperature = 0.8;

    @Option(names = "--top-k", paramLabel = "INT", description = "draw from the k likeliest tokens only [all]")
    private int topK = Integer.MAX_VALUE;

    @Option(names = "--top-p", paramLabel = "NUMBER",
            description = "draw from the likeliest tokens that together have this probability only [${DEFAULT-VALUE}]")
    private double topP = 1;

    @Option(names = "--seed", paramLabel = "INT", description = "the same seed gives the same text [${DEFAULT-VALUE}]")
    private long seed = 1;

    @Option(names = "--threads", paramLabel = "INT", description = "[all processors: ${DEFAULT-VALUE}]")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Override
    public Integer call() throws IOException {
        Requirement.positive("threads", threads);
        if (maxTokens < 0) {
            throw new IllegalArgumentException("max-tokens " + maxTokens + " is negative");
        }
        if (prompt.isEmpty()) {
            throw new IllegalArgumentException("prompt is empty; leave it out to start from an empty line");
        }
        Sampling sampling = new Sampling(temperature, topK, topP, seed);
        PrintWriter results = Objects.requireNonNull(spec).commandLine().getOut();
        SavedModel saved = SavedModel.open(Run.modelFolder(Objects.requireNonNull(model)));
        try (Kernels kernels = Kernels.simd(threads)) {
            saved.generate(prompt, maxTokens, sampling, kernels, piece -> {
                results.print(piece);
                results.flush();
            });
            results.println();
        }
        return 0;
    }
}
