package tributary.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import tributary.autograd.ParameterStore;
import tributary.model.format.HuggingFaceGpt2;
import tributary.model.tokenizer.StreamDecoder;
import tributary.model.tokenizer.Tokenizer;
import tributary.tensor.Kernels;

/// A trained model and its tokenizer: text in, text out.
///
/// ```java
/// TextModel model = TextModel.load(Path.of("runs/diloco-1/checkpoints/step-00002000"));
/// System.out.println(model.generate("public static ", 200, Sampling.plain(1)));
/// ```
public final class TextModel {
    private final Gpt gpt;
    private final Tokenizer tokenizer;

    private TextModel(Gpt gpt, Tokenizer tokenizer) {
        this.gpt = gpt;
        this.tokenizer = tokenizer;
    }

    /// Reads a folder with `config.json`, `model.safetensors` and `tokenizer.json`.
    ///
    /// @throws IOException where a file is missing, broken, or does not fit the others
    public static TextModel load(Path folder) throws IOException {
        GptConfig config = HuggingFaceGpt2.readConfig(folder);
        Gpt gpt = new Gpt(config, ParameterStore.withoutGradients(Gpt.layout(config)));
        HuggingFaceGpt2.load(folder, gpt.parameters());
        return new TextModel(gpt, Tokenizer.load(folder));
    }

    public Gpt gpt() {
        return gpt;
    }

    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /// The prompt's continuation, on all processors.
    public String generate(String prompt, int tokens, Sampling sampling) {
        StringBuilder text = new StringBuilder();
        try (Kernels kernels = Kernels.simd(Runtime.getRuntime().availableProcessors())) {
            generate(kernels, prompt, tokens, sampling, text::append);
        }
        return text.toString();
    }

    /// Continues a prompt and hands the text on as it comes; a character whose bytes are not complete waits for the rest.
    ///
    /// @param prompt where it is empty, the model starts after a line break
    public void generate(Kernels kernels, String prompt, int tokens, Sampling sampling, Consumer<String> sink) {
        int[] ids = tokenizer.encode(prompt.isEmpty() ? "\n" : prompt);
        StreamDecoder decoder = tokenizer.decoder();
        new Generator(gpt, kernels).generate(ids, tokens, sampling, id -> {
            String piece = decoder.accept(id);
            if (!piece.isEmpty()) {
                sink.accept(piece);
            }
        });
        String rest = decoder.end();
        if (!rest.isEmpty()) {
            sink.accept(rest);
        }
    }
}
