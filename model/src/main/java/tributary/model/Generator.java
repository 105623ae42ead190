package tributary.model;

import java.util.function.IntConsumer;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// Continues a sequence of tokens, one at a time. The model's keys and values of the text are kept, so that a token costs
/// one reading of the weights.
///
/// The model sees the last T tokens of the prompt, and then all that follows until it has seen T. There the older half is
/// dropped: what was kept belongs to its old positions, so the newest T/2 tokens are read again, from position 0 on. So a
/// token is drawn from at least T/2 tokens before it where the text has them, and reading again costs less than one more
/// reading of the weights a token.
///
/// Not for several threads.
public final class Generator {
    private final int[] window;
    private final Decoder decoder;
    private final Sampler sampler;

    public Generator(Gpt model, Kernels kernels) {
        window = new int[model.config().context()];
        decoder = new Decoder(model, kernels);
        sampler = new Sampler(model.config().vocabulary());
    }

    /// Draws `count` tokens after the prompt.
    ///
    /// @param prompt at least one id
    /// @param sink hears every token as it is drawn
    /// @throws IllegalArgumentException where the prompt is empty
    public void generate(int[] prompt, int count, Sampling sampling, IntConsumer sink) {
        if (prompt.length == 0) {
            throw new IllegalArgumentException("generate: the prompt has no token; give at least one");
        }
        if (count < 1) {
            return;
        }
        int context = window.length;
        int filled = Math.min(context, prompt.length);
        System.arraycopy(prompt, prompt.length - filled, window, 0, filled);
        Tensor logits = decoder.start(window, filled);
        for (int drawn = 1;; drawn++) {
            int next = sampler.draw(sampling, logits, (long) prompt.length + drawn - 1);
            sink.accept(next);
            if (drawn == count) {
                return;
            }
            if (filled < context) {
                window[filled++] = next;
                logits = decoder.append(next);
            } else {
                filled = Math.max(1, context / 2);
                System.arraycopy(window, context - filled + 1, window, 0, filled - 1);
                window[filled - 1] = next;
                logits = decoder.start(window, filled);
            }
        }
    }
}
