package tributary.model.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tributary.autograd.ParameterStore;
import tributary.model.GptConfig;
import tributary.tensor.Tensor;

class HuggingFaceGpt2Test {
    private static final GptConfig CONFIG = new GptConfig(1, 2, 4, 7, 5, 0.25, 1e-6);

    @TempDir
    Path folder;

    @Test
    void aSavedModelIsLoadedBackBitForBit() throws IOException {
        ParameterStore saved = store(7);
        Path deep = folder.resolve("a/b");
        HuggingFaceGpt2.save(deep, CONFIG, saved);
        ParameterStore loaded = store(0);
        HuggingFaceGpt2.load(deep, loaded);
        assertThat(HuggingFaceGpt2.readConfig(deep)).isEqualTo(CONFIG);
        assertThat(loaded.values().toArray()).containsExactly(saved.values().toArray());
    }

    @Test
    void namesWithoutPrefixMasksAndATiedHeadAreAccepted() throws IOException {
        ParameterStore saved = store(3);
        SafetensorsWriter writer = unprefixed(saved);
        writer.add("h.0.attn.bias", Tensor.zeros(1, 1, 5, 5)).add("h.0.attn.masked_bias", Tensor.zeros());
        writer.add("lm_head.weight", saved.parameter("transformer.wte.weight").value().copy());
        writer.write(folder.resolve("model.safetensors"));
        ParameterStore loaded = store(0);
        HuggingFaceGpt2.load(folder, loaded);
        assertThat(loaded.values().toArray()).containsExactly(saved.values().toArray());
    }

    @Test
    void anUntiedHeadIsRefused() throws IOException {
        unprefixed(store(3)).add("lm_head.weight", Tensor.zeros(7, 4)).write(folder.resolve("model.safetensors"));
        assertRefused("lm_head.weight differs from wte.weight");
    }

    @Test
    void whatIsMissingLeftOverOrOfAnotherShapeIsNamedAndTheStoreStays() throws IOException {
        unprefixed(store(3)).add("score.weight", Tensor.zeros(2, 4)).write(folder.resolve("model.safetensors"));
        assertRefused("score.weight");
        unprefixed(store(3)).add("transformer.wte.weight", Tensor.zeros(7, 4)).write(folder.resolve("model.safetensors"));
        assertRefused("wte.weight and transformer.wte.weight are the same");
        SafetensorsWriter other = new SafetensorsWriter();
        other.add("transformer.wte.weight", Tensor.zeros(7, 4)).add("transformer.wpe.weight", Tensor.zeros(4, 5));
        other.write(folder.resolve("model.safetensors"));
        assertRefused("transformer.wpe.weight has shape (4, 5), wanted is (5, 4)");
        new SafetensorsWriter().add("transformer.wte.weight", Tensor.zeros(7, 4)).write(folder.resolve("model.safetensors"));
        assertRefused("transformer.wpe.weight (5, 4) is missing");
        Files.delete(folder.resolve("model.safetensors"));
        assertRefused("holds no model.safetensors");
    }

    @Test
    void aStoreWithOtherNamesIsNotSaved() {
        ParameterStore store = new ParameterStore(ParameterStore.Layout.builder().add("w", 2).build());
        assertThatThrownBy(() -> HuggingFaceGpt2.save(folder, CONFIG, store)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("parameter w");
    }

    @Test
    void missingKeysMeanWhatTheyMeanElsewhere() throws IOException {
        Files.writeString(folder.resolve("config.json"), """
                {"vocab_size": 21, "n_positions": 8, "n_embd": 4, "n_layer": 1, "n_head": 1, "n_inner": 16, "use_cache": true}""");
        assertThat(HuggingFaceGpt2.readConfig(folder)).isEqualTo(new GptConfig(1, 1, 4, 21, 8, 0.1, 1e-5));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "\"n_inner\": null | \"n_inner\": 17 | n_inner 17",
        "\"gelu_new\" | \"relu\" | activation_function \"relu\"",
        "\"gpt2\" | \"llama\" | model_type \"llama\"",
        "\"tie_word_embeddings\": true | \"tie_word_embeddings\": false | tie_word_embeddings false",
        "\"n_embd\": 4 | \"n_embd\": 4.5 | n_embd 4.5 is not a whole number",
        "\"n_embd\": 4, | '' | n_embd is missing",
        "\"attn_pdrop\": 0.25 | \"attn_pdrop\": 0.5 | attn_pdrop 0.5 differs",
        "\"attn_pdrop\": 0.25 | \"attn_pdrop\": \"none\" | attn_pdrop \"none\" is not a number",
        "\"n_head\": 2 | \"n_head\": 3 | width 4 is not divisible by heads 3",
        "{ | [ | not valid JSON",
    })
    void anotherKindOfModelIsRefusedByKey(String before, String after, String complaint) throws IOException {
        HuggingFaceGpt2.writeConfig(folder, CONFIG);
        Path file = folder.resolve("config.json");
        String text = Files.readString(file).replace("\" : ", "\": ");
        assertThat(text).contains(before);
        Files.writeString(file, text.replace(before, after));
        assertThatThrownBy(() -> HuggingFaceGpt2.readConfig(folder)).isInstanceOf(FormatException.class)
                .hasMessageContaining("config.json").hasMessageContaining(complaint);
    }

    private void assertRefused(String complaint) {
        ParameterStore loaded = store(0);
        assertThatThrownBy(() -> HuggingFaceGpt2.load(folder, loaded)).isInstanceOf(FormatException.class).hasMessageContaining(complaint);
        assertThat(loaded.values().toArray()).containsOnly(0f);
    }

    private static SafetensorsWriter unprefixed(ParameterStore store) {
        SafetensorsWriter writer = new SafetensorsWriter();
        for (String name : store.names()) {
            writer.add(name.substring("transformer.".length()), store.parameter(name).value());
        }
        return writer;
    }

    private static ParameterStore store(float scale) {
        ParameterStore store = new ParameterStore(ParameterStore.Layout.builder()
                .add("transformer.wte.weight", 7, 4)
                .add("transformer.wpe.weight", 5, 4)
                .add("transformer.h.0.attn.c_attn.weight", 4, 12)
                .add("transformer.h.0.attn.c_attn.bias", 12)
                .add("transformer.ln_f.weight", 4)
                .build());
        for (int i = 0; i < store.values().elements(); i++) {
            store.values().set(i, scale * (i + 1));
        }
        return store;
    }
}
