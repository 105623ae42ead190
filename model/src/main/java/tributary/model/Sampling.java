package tributary.model;

import tributary.tensor.Tensor;

/// How the next token is drawn from the model's logits.
///
/// @param temperature divides the logits; 0 always takes the likeliest token
/// @param topK only the k likeliest tokens may be drawn; the vocabulary's size for no limit. Fan et al. 2018, arXiv:1805.04833
/// @param topP only the likeliest tokens that together reach this probability may be drawn; 1 for no limit.
///     Holtzman et al. 2020, arXiv:1904.09751
/// @param seed of the draws: the same seed and prompt give the same text
public record Sampling(double temperature, int topK, double topP, long seed) {

    public Sampling {
        if (!(temperature >= 0 && temperature < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("temperature " + temperature + " is negative; 0 always takes the likeliest token");
        }
        if (topK < 1) {
            throw new IllegalArgumentException("top-k " + topK + " leaves no token; give at least 1");
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException("top-p " + topP + " is not in (0, 1]");
        }
    }

    /// Every token by its probability.
    public static Sampling plain(long seed) {
        return new Sampling(1.0, Integer.MAX_VALUE, 1.0, seed);
    }

    /// Draws a token.
    ///
    /// @param logits one per token of the vocabulary
    /// @param place of the token in the text: it and the seed decide the draw
    public int draw(float[] logits, long place) {
        return new Sampler(logits.length).draw(this, Tensor.of(logits, logits.length), place);
    }
}
