package tributary.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import tributary.model.Gpt;
import tributary.model.GptConfig;
import tributary.model.Trainer;
import tributary.model.data.Batches;
import tributary.model.data.Order;
import tributary.model.data.Tokens;
import tributary.model.optimizer.AdamW;
import tributary.model.optimizer.Schedule;
import tributary.tensor.Kernels;

/// How fast a model is trained here: forward, backward, clipping and AdamW.
///
/// @param batch rows of the context's length in a step
/// @param seconds of one step
record StepSpeed(GptConfig config, int batch, double seconds) {
    private static final int TOKENS = 10_000;

    int tokens() {
        return batch * config.context();
    }

    double tokensPerSecond() {
        return tokens() / seconds;
    }

    /// Floating-point operations of one step, as [GptConfig#trainingFlopsPerToken] counts them, in billions.
    double gigaflop() {
        return gigaflop(config, batch);
    }

    static double gigaflop(GptConfig config, int batch) {
        return 1e-9 * config.trainingFlopsPerToken() * batch * config.context();
    }

    /// What AdamW reads and writes in one step, in billions of bytes: parameters, both moments and gradients in; parameters
    /// and moments out.
    double optimizerGigabytes() {
        return 7e-9 * Float.BYTES * Gpt.layout(config).elements();
    }

    /// Takes steps on random tokens for so long, one at least. The median of the later half counts: the first steps run in
    /// code that is not compiled yet.
    static StepSpeed measure(Kernels kernels, GptConfig config, int batch, Duration duration) {
        SplittableRandom random = new SplittableRandom(1);
        Tokens tokens = Tokens.of(config.vocabulary(), random.ints(TOKENS, 0, config.vocabulary()).toArray());
        Gpt model = Gpt.initialized(config, 1);
        Trainer trainer = new Trainer(model, kernels, new Batches(tokens, batch, config.context(), Order.RANDOM, 1), 1);
        AdamW optimizer = new AdamW(model.parameters().layout(), new AdamW.Hyperparameters(0.9, 0.95, 1e-8, 0.1));
        Schedule schedule = new Schedule.Constant(1e-4);
        List<Double> seconds = new ArrayList<>();
        long end = System.nanoTime() + duration.toNanos();
        long now;
        do {
            long start = System.nanoTime();
            trainer.step(seconds.size(), optimizer, schedule, 1);
            now = System.nanoTime();
            seconds.add((now - start) / 1e9);
        } while (now < end);
        List<Double> later = seconds.subList(seconds.size() / 2, seconds.size()).stream().sorted().toList();
        return new StepSpeed(config, batch, later.get(later.size() / 2));
    }
}
