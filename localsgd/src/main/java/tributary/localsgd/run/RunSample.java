package tributary.localsgd.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import tributary.model.Sampling;
import tributary.model.SavedModel;
import tributary.tensor.Kernels;

/// What the model of a run writes: the same text whenever it is asked.
public final class RunSample {
    public static final double TEMPERATURE = 0.8;
    private static final int TOKENS = 400;

    private RunSample() {}

    /// Writes a text, in pieces as it comes.
    ///
    /// @param model a folder as of [Run#modelFolder]
    public static void write(Path model, RunConfig config, Consumer<String> text) throws IOException {
        Sampling sampling = new Sampling(TEMPERATURE, Integer.MAX_VALUE, 1.0, config.seed());
        try (Kernels kernels = Kernels.simd(1)) {
            SavedModel.open(model).generate(opening(config), TOKENS, sampling, kernels, text);
        }
    }

    /// What it goes on from: the start of a member for Java, a new line for other text.
    private static String opening(RunConfig config) {
        return config.data().startsWith("jdk") ? "    /**\n     * Returns " : "\n";
    }
}
