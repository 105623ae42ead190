package tributary.model.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.autograd.ParameterStore;
import tributary.model.GptConfig;
import tributary.model.json.JsonFile;
import tributary.tensor.Tensor;

/// A folder with a GPT-2 model in the layout of Hugging Face's `transformers`: `config.json` and `model.safetensors`.
///
/// The parameters of a store carry the names of the file, `transformer.wte.weight` and so on; projections are stored
/// (in, out) and the head is the token embedding. A file may leave the prefix `transformer.` out, as those of the
/// published GPT-2 models do, and may hold attention masks and a copy of the head; anything else that is missing, left
/// over or of another shape is an error that names it.
public final class HuggingFaceGpt2 {
    public static final String CONFIG = "config.json";
    public static final String WEIGHTS = "model.safetensors";

    private static final String PREFIX = "transformer.";
    private static final String HEAD = "lm_head.weight";
    private static final String TOKEN_EMBEDDING = "transformer.wte.weight";
    private static final String ACTIVATION = "gelu_new";
    private static final String[] DROPOUTS = {"resid_pdrop", "embd_pdrop", "attn_pdrop"};
    /// What `transformers` takes where the key is missing.
    private static final double DEFAULT_DROPOUT = 0.1;
    private static final double DEFAULT_EPSILON = 1e-5;
    /// Causal masks, which old versions stored beside the weights.
    private static final Pattern MASK = Pattern.compile("transformer\\.h\\.\\d+\\.attn\\.(bias|masked_bias)");

    private HuggingFaceGpt2() {}

    /// The shape of the model in a folder.
    ///
    /// @throws FormatException where `config.json` is missing, malformed, or describes a model other than this GPT-2
    public static GptConfig readConfig(Path folder) throws IOException {
        Path file = folder.resolve(CONFIG);
        ObjectNode config = JsonFile.read(file);
        expect(file, config, "model_type", "\"gpt2\"");
        expect(file, config, "activation_function", '"' + ACTIVATION + '"');
        expect(file, config, "tie_word_embeddings", "true");
        expect(file, config, "scale_attn_weights", "true");
        expect(file, config, "scale_attn_by_inverse_layer_idx", "false");
        expect(file, config, "add_cross_attention", "false");
        int width = integer(file, config, "n_embd");
        if (!config.path("n_inner").isMissingNode() && !config.path("n_inner").isNull() && integer(file, config, "n_inner") != 4 * width) {
            throw new FormatException(
                    file + ": n_inner " + config.get("n_inner") + " is not supported; only null or 4 * n_embd = " + 4 * width);
        }
        double dropout = number(file, config, DROPOUTS[0], DEFAULT_DROPOUT);
        for (String key : DROPOUTS) {
            double other = number(file, config, key, DEFAULT_DROPOUT);
            if (other != dropout) {
                throw new FormatException(file + ": " + key + " " + other + " differs from " + DROPOUTS[0] + " " + dropout
                        + "; only one dropout for all places is supported");
            }
        }
        try {
            return new GptConfig(integer(file, config, "n_layer"), integer(file, config, "n_head"), width,
                    integer(file, config, "vocab_size"), integer(file, config, "n_positions"),
                    dropout, number(file, config, "layer_norm_epsilon", DEFAULT_EPSILON));
        } catch (IllegalArgumentException impossible) {
            throw new FormatException(file + ": " + impossible.getMessage(), impossible);
        }
    }

    /// Writes `config.json`.
    public static void writeConfig(Path folder, GptConfig config) throws IOException {
        ObjectNode root = JsonFile.object();
        root.putArray("architectures").add("GPT2LMHeadModel");
        root.put("model_type", "gpt2");
        root.put("vocab_size", config.vocabulary());
        root.put("n_positions", config.context());
        root.put("n_embd", config.width());
        root.put("n_layer", config.layers());
        root.put("n_head", config.heads());
        root.putNull("n_inner");
        root.put("activation_function", ACTIVATION);
        for (String key : DROPOUTS) {
            root.put(key, config.dropout());
        }
        root.put("layer_norm_epsilon", config.epsilon());
        root.put("tie_word_embeddings", true);
        root.put("torch_dtype", "float32");
        // The default of `transformers`, 50256, lies outside of most vocabularies.
        root.putNull("bos_token_id");
        root.putNull("eos_token_id");
        JsonFile.write(folder.resolve(CONFIG), root);
    }

    /// Fills all parameters of a store from a folder's weights. The store is changed only where everything fits.
    ///
    /// @throws FormatException where the file is missing or unsound, or a tensor is missing, left over or of another shape
    public static void load(Path folder, ParameterStore into) throws IOException {
        Path path = folder.resolve(WEIGHTS);
        if (!Files.exists(path)) {
            throw new FormatException(folder + " holds no " + WEIGHTS + "; models in several pieces or in PyTorch's own format have to be"
                    + " saved as one safetensors file first");
        }
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            Map<String, String> stored = new LinkedHashMap<>();
            for (String name : file.names()) {
                String full = name.equals(HEAD) || name.startsWith(PREFIX) ? name : PREFIX + name;
                String twin = stored.put(full, name);
                if (twin != null) {
                    throw new FormatException(path + ": " + twin + " and " + name + " are the same parameter");
                }
            }
            check(file, stored, into);
            for (ParameterStore.Entry entry : into.layout().entries()) {
                file.readInto(stored.get(entry.name()), into.parameter(entry.name()).value());
            }
        }
    }

    /// Writes a model as a folder, which is made where it is missing.
    ///
    /// @throws IllegalArgumentException where the parameters are not named as in a GPT-2
    public static void save(Path folder, GptConfig config, ParameterStore parameters) throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter();
        for (ParameterStore.Entry entry : parameters.layout().entries()) {
            if (!entry.name().startsWith(PREFIX)) {
                throw new IllegalArgumentException(
                        "parameter " + entry.name() + " is not named as in a GPT-2: " + PREFIX + "... is wanted");
            }
            writer.add(entry.name(), parameters.parameter(entry.name()).value());
        }
        Files.createDirectories(folder);
        writeConfig(folder, config);
        writer.write(folder.resolve(WEIGHTS));
    }

    private static void check(SafetensorsFile file, Map<String, String> stored, ParameterStore into) throws FormatException {
        for (ParameterStore.Entry entry : into.layout().entries()) {
            String name = stored.get(entry.name());
            if (name == null) {
                throw new FormatException(file.path() + ": the parameter " + entry.name() + " " + entry.shape() + " is missing");
            }
            file.requireNumbers(name, entry.shape());
        }
        Set<String> left = new HashSet<>(stored.keySet());
        left.removeAll(into.names());
        left.removeIf(name -> MASK.matcher(name).matches());
        if (left.remove(HEAD)) {
            Tensor head = file.tensor(HEAD);
            Tensor embedding = file.tensor(stored.get(TOKEN_EMBEDDING));
            if (!head.shape().equals(embedding.shape()) || !Arrays.equals(head.toArray(), embedding.toArray())) {
                throw new FormatException(file.path() + ": " + HEAD + " differs from " + stored.get(TOKEN_EMBEDDING)
                        + "; only models whose head is the token embedding are supported");
            }
        }
        if (!left.isEmpty()) {
            String first = left.stream().sorted().findFirst().orElseThrow();
            throw new FormatException(file.path() + ": " + left.size() + " tensors belong to no parameter of the model, first "
                    + stored.get(first));
        }
    }

    /// Requires a key to hold a value, given as JSON text. All of these are also what a missing key means.
    private static void expect(Path file, ObjectNode config, String key, String wanted) throws FormatException {
        JsonNode node = config.path(key);
        if (!node.isMissingNode() && !node.toString().equals(wanted)) {
            throw new FormatException(file + ": " + key + " " + node + " is not supported, only " + wanted);
        }
    }

    private static int integer(Path file, ObjectNode config, String key) throws FormatException {
        JsonNode node = config.path(key);
        if (!node.isIntegralNumber() || !node.canConvertToInt()) {
            throw new FormatException(file + ": " + key + (node.isMissingNode() ? " is missing" : " " + node + " is not a whole number"));
        }
        return node.intValue();
    }

    private static double number(Path file, ObjectNode config, String key, double standard) throws FormatException {
        JsonNode node = config.path(key);
        if (node.isMissingNode()) {
            return standard;
        }
        if (!node.isNumber()) {
            throw new FormatException(file + ": " + key + " " + node + " is not a number");
        }
        return node.doubleValue();
    }
}
