package tributary.localsgd.study;

import java.util.Locale;
import tributary.model.Gpt;
import tributary.model.GptConfig;

/// The shape of a model in a study. Its size N counts the parameters of blocks and last norm, without the tables of tokens
/// and positions: 12 L C^2 + 13 L C + 2 C.
///
/// @param layers L
/// @param width C
/// @param heads a divisor of `width`
public record ModelSize(int layers, int width, int heads) {
    private static final int HEAD = 16;
    private static final int DEEPEST = 64;
    private static final double ASPECT = 32;
    private static final double CLOSE = 0.1;
    private static final double FAR = 0.25;

    public ModelSize {
        new GptConfig(layers, heads, width, 1, 1); // refuses what is no model
    }

    /// The shape for a size: heads of 16, a width of whole heads. Of the depths that come within a tenth of the size the one
    /// whose width is nearest to 32 for each layer, by ratio; where none does, the one that comes nearest to the size. Kaplan et
    /// al. 2020, arXiv:2001.08361, figure 5: between 10 and 100 the ratio hardly matters.
    ///
    /// @throws IllegalArgumentException where no shape comes within a quarter of the size
    public static ModelSize of(double parameters) {
        if (!(parameters >= 1 && parameters <= 1e12)) {
            throw new IllegalArgumentException("size " + parameters + " is not between 1 and 1e12 parameters");
        }
        ModelSize best = new ModelSize(1, HEAD, 1);
        for (int layers = 1; layers <= DEEPEST; layers++) {
            int below = Math.max(1, (int) (Math.sqrt(parameters / (12.0 * layers)) / HEAD));
            for (int heads = Math.max(1, below - 1); heads <= below + 1; heads++) {
                ModelSize shape = new ModelSize(layers, heads * HEAD, heads);
                if (shape.suits(parameters) < best.suits(parameters)) {
                    best = shape;
                }
            }
        }
        if (best.distance(parameters) > FAR) {
            throw new IllegalArgumentException(String.format(Locale.ROOT,
                    "size %.0f: the nearest shape by the rule has %d parameters (layers %d, width %d); take that size, or give layers, "
                            + "width and heads",
                    parameters, best.parameters(), best.layers, best.width));
        }
        return best;
    }

    /// Less is better: near sizes come before all others, and differ by their proportions.
    private double suits(double parameters) {
        double distance = distance(parameters);
        return distance <= CLOSE ? Math.abs(Math.log((double) width / layers / ASPECT)) / 1e3 : distance;
    }

    private double distance(double parameters) {
        return Math.abs(parameters() / parameters - 1);
    }

    /// N.
    public long parameters() {
        return Gpt.layout(new GptConfig(layers, heads, width, 1, 1)).elements() - 2L * width;
    }
}
