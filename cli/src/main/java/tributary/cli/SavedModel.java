package tributary.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import tributary.autograd.ParameterStore;
import tributary.localsgd.run.Run;
import tributary.model.Generator;
import tributary.model.Gpt;
import tributary.model.GptConfig;
import tributary.model.Sampling;
import tributary.model.format.HuggingFaceGpt2;
import tributary.model.tokenizer.StreamDecoder;
import tributary.model.tokenizer.Tokenizer;
import tributary.tensor.Kernels;

/// A model out of a folder, and the threads to compute it with.
///
/// @param folder with `config.json` and `model.safetensors`
record SavedModel(Path folder, Gpt model, Kernels kernels) implements AutoCloseable {

    /// Reads a model.
    ///
    /// @param place a run's folder, or one in Hugging Face's GPT-2 layout
    static SavedModel open(Path place, int threads) throws IOException {
        Path folder = Run.modelFolder(place);
        GptConfig config = HuggingFaceGpt2.readConfig(folder);
        ParameterStore parameters = ParameterStore.withoutGradients(Gpt.layout(config));
        HuggingFaceGpt2.load(folder, parameters);
        return new SavedModel(folder, new Gpt(config, parameters), Kernels.simd(threads));
    }

    /// The tokenizer that lies with the model.
    Tokenizer tokenizer() throws IOException {
        Tokenizer tokenizer = Tokenizer.load(folder);
        if (tokenizer.vocabularySize() > model.config().vocabulary()) {
            throw new IllegalArgumentException(
                    "model " + folder + " has " + model.config().vocabulary() + " token embeddings and a tokenizer of "
                            + tokenizer.vocabularySize() + " tokens; they do not belong together");
        }
        return tokenizer;
    }

    /// Writes a prompt and what the model makes of it, as it comes.
    void write(String prompt, int tokens, Sampling sampling, PrintWriter text) throws IOException {
        Tokenizer tokenizer = tokenizer();
        int[] ids = tokenizer.encode(prompt);
        StreamDecoder decoder = tokenizer.decoder();
        text.print(prompt);
        text.flush();
        new Generator(model, kernels).generate(ids, tokens, sampling, id -> {
            text.print(decoder.accept(id));
            text.flush();
        });
        text.print(decoder.end());
        text.flush();
    }

    @Override
    public void close() {
        kernels.close();
    }
}
