package tributary.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import tributary.autograd.ParameterStore;
import tributary.model.format.FormatException;
import tributary.model.format.HuggingFaceGpt2;
import tributary.model.tokenizer.StreamDecoder;
import tributary.model.tokenizer.Tokenizer;
import tributary.tensor.Kernels;

/// A trained model out of a folder, to evaluate it or to write text with it.
///
/// @param folder with `config.json` and `model.safetensors` in Hugging Face's GPT-2 layout, and `tokenizer.json` for text
public record SavedModel(Path folder, Gpt gpt) {

    /// Reads a model.
    ///
    /// @throws FormatException where a file is missing or not what it should be
    public static SavedModel open(Path folder) throws IOException {
        GptConfig config = HuggingFaceGpt2.readConfig(folder);
        ParameterStore parameters = ParameterStore.withoutGradients(Gpt.layout(config));
        HuggingFaceGpt2.load(folder, parameters);
        return new SavedModel(folder, new Gpt(config, parameters));
    }

    /// Reads the tokenizer that lies with the model.
    ///
    /// @throws FormatException where it is missing, or has more tokens than the model
    public Tokenizer tokenizer() throws IOException {
        Tokenizer tokenizer = Tokenizer.load(folder);
        if (tokenizer.vocabularySize() > gpt.config().vocabulary()) {
            throw new FormatException("model " + folder + " has " + gpt.config().vocabulary() + " token embeddings and a tokenizer of "
                    + tokenizer.vocabularySize() + " tokens; they do not belong together");
        }
        return tokenizer;
    }

    /// Continues a text.
    ///
    /// @param prompt the beginning, at least one token
    /// @param tokens how many to add
    /// @param text hears the prompt, and then what is added, in pieces, as it comes
    public void generate(String prompt, int tokens, Sampling sampling, Kernels kernels, Consumer<String> text) throws IOException {
        Tokenizer tokenizer = tokenizer();
        int[] ids = tokenizer.encode(prompt);
        StreamDecoder decoder = tokenizer.decoder();
        text.accept(prompt);
        new Generator(gpt, kernels).generate(ids, tokens, sampling, id -> text.accept(decoder.accept(id)));
        text.accept(decoder.end());
    }
}
