package tributary.model;

/// The shape of a GPT-2 model.
///
/// @param layers L, transformer blocks
/// @param heads nh, attention heads; a divisor of `width`
/// @param width C, the residual stream
/// @param vocabulary V, token ids
/// @param context T, the longest sequence
/// @param dropout the share of activations dropped in training after the embeddings and after each branch, 0 for none
/// @param epsilon added to the variance in layer norm
public record GptConfig(int layers, int heads, int width, int vocabulary, int context, double dropout, double epsilon) {

    /// GPT-2's epsilon, no dropout.
    public GptConfig(int layers, int heads, int width, int vocabulary, int context) {
        this(layers, heads, width, vocabulary, context, 0.0, 1e-5);
    }

    public GptConfig {
        positive("layers", layers);
        positive("heads", heads);
        positive("width", width);
        positive("vocabulary", vocabulary);
        positive("context", context);
        if (width % heads != 0) {
            throw new IllegalArgumentException(
                    "width " + width + " is not divisible by heads " + heads + "; choose a multiple of " + heads);
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout " + dropout + " is not in [0, 1)");
        }
        if (!(epsilon > 0)) {
            throw new IllegalArgumentException("epsilon " + epsilon + " is not positive");
        }
    }

    /// hs, the size of one head.
    public int headSize() {
        return width / heads;
    }

    /// The floating-point operations that training on one token takes, forward and backward, as they are usually counted:
    /// 6 (parameters without the position table) + 6 L T C, the second for causal attention's two products.
    public long trainingFlopsPerToken() {
        long parameters = Gpt.layout(this).elements() - (long) context * width;
        return 6 * parameters + 6L * layers * context * width;
    }

    private static void positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " " + value + " is not positive");
        }
    }
}
