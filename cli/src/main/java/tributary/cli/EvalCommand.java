package tributary.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tributary.localsgd.run.Run;
import tributary.model.Evaluator;
import tributary.model.SavedModel;
import tributary.model.data.Corpus;
import tributary.model.data.TextSource;
import tributary.model.data.Tokens;
import tributary.model.data.Windows;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;

/// Measures a model's loss on a text or on given ids.
@Command(
        name = "eval",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Measures how well a model predicts a text.",
            "The text is cut into consecutive windows of the context length; every token but the first is predicted once."
        },
        optionListHeading = "%nOptions:%n")
final class EvalCommand implements Callable<Integer> {
    private static final int WINDOWS_AT_ONCE = 16;

    /// @param sum of the losses, nats
    /// @param tokens predicted
    /// @param bytes of the text, absent for ids
    private record Result(double sum, long tokens, OptionalDouble bytes) {
        double loss() {
            return sum / tokens;
        }

        OptionalDouble bitsPerByte() {
            return bytes.isEmpty() ? bytes : OptionalDouble.of(sum / Math.log(2) / bytes.getAsDouble());
        }
    }

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "a run's folder, or one in Hugging Face's GPT-2 layout")
    private @Nullable Path model;

    @Option(names = "--data", paramLabel = "TEXT",
            description = "text, as train takes it, without weights; all of it is measured; may be given several times")
    private List<String> data = List.of();

    @Option(names = "--tokens", paramLabel = "FILE.json",
            description = "instead of text a JSON array of ids, or an array of such arrays, each a sequence of its own: all but the last are "
                    + "inputs, all but the first are predicted")
    private @Nullable Path tokens;

    @Option(names = "--threads", paramLabel = "INT", description = "[all processors: ${DEFAULT-VALUE}]")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--json", description = "print one JSON object")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        Requirement.positive("threads", threads);
        CommandLine commandLine = Objects.requireNonNull(spec).commandLine();
        if (data.isEmpty() == (tokens == null)) {
            throw new ParameterException(commandLine,
                    "--data or --tokens has to be given, " + (data.isEmpty() ? "one of them" : "not both"));
        }
        SavedModel saved = SavedModel.open(Run.modelFolder(Objects.requireNonNull(model)));
        Result result;
        try (Kernels kernels = Kernels.simd(threads)) {
            Evaluator evaluator = new Evaluator(saved.gpt(), kernels);
            result = tokens == null ? ofText(saved, evaluator, data) : ofIds(saved, evaluator, tokens);
        }
        print(result, commandLine.getOut());
        return 0;
    }

    private static Result ofText(SavedModel saved, Evaluator evaluator, List<String> data) throws IOException {
        Corpus corpus = TextSource.open(data);
        Tokens tokens = corpus.tokens(saved.tokenizer());
        int context = saved.gpt().config().context();
        Windows windows = new Windows(tokens, WINDOWS_AT_ONCE, context);
        IntTensor ids = IntTensor.zeros(WINDOWS_AT_ONCE, context);
        IntTensor targets = IntTensor.zeros(WINDOWS_AT_ONCE, context);
        double sum = 0;
        for (int batch = 0; batch < windows.batches(); batch++) {
            windows.fill(batch, ids, targets);
            sum += evaluator.lossSum(ids, targets);
        }
        return new Result(sum, windows.targets(), OptionalDouble.of(corpus.bytes()));
    }

    private static Result ofIds(SavedModel saved, Evaluator evaluator, Path file) throws IOException {
        double sum = 0;
        long tokens = 0;
        for (IdFile.Sequence sequence : IdFile.read(file, saved.gpt().config())) {
            sum += evaluator.lossSum(sequence.inputs(), sequence.targets());
            tokens += sequence.targets().elements();
        }
        return new Result(sum, tokens, OptionalDouble.empty());
    }

    private void print(Result result, PrintWriter out) {
        if (json) {
            ObjectNode object = JsonMapper.shared().createObjectNode();
            object.put("loss", result.loss());
            object.put("perplexity", Math.exp(result.loss()));
            result.bitsPerByte().ifPresent(bits -> object.put("bits_per_byte", bits));
            object.put("tokens", result.tokens());
            out.println(object);
            return;
        }
        Table table = new Table();
        table.row("loss", "%.4f nats a token", result.loss());
        table.row("perplexity", "%,.3f", Math.exp(result.loss()));
        result.bitsPerByte().ifPresent(bits -> table.row("bits per byte", "%.4f", bits));
        table.row("tokens", "%,d", result.tokens());
        table.print(out);
    }
}
