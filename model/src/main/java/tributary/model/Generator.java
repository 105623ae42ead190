package tributary.model;

import java.util.function.IntConsumer;
import tributary.autograd.Tape;
import tributary.autograd.Variable;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// Continues a sequence of tokens, one at a time. Where the text outgrows the context, the model sees its last T tokens.
///
/// Not for several threads.
public final class Generator {
    private final Gpt model;
    private final Kernels kernels;

    public Generator(Gpt model, Kernels kernels) {
        this.model = model;
        this.kernels = kernels;
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
        int context = model.config().context();
        int[] window = new int[context];
        int filled = Math.min(context, prompt.length);
        System.arraycopy(prompt, prompt.length - filled, window, 0, filled);
        IntTensor ids = IntTensor.zeros(1, context);
        Tape tape = Tape.withoutGradients(kernels);
        Variable logits = null;
        for (int drawn = 0; drawn < count; drawn++) {
            // Positions after the last one are padding: attention is causal, so they change nothing before them.
            System.arraycopy(window, 0, ids.array(), 0, context);
            if (logits == null) {
                logits = model.logits(tape, ids);
            } else {
                tape.replay();
            }
            Tensor last = logits.value().range((filled - 1) * logits.value().shape().last(), Shape.of(logits.value().shape().last()));
            int next = sampling.draw(last.toArray(), (long) prompt.length + drawn);
            sink.accept(next);
            if (filled == context) {
                System.arraycopy(window, 1, window, 0, context - 1);
                window[context - 1] = next;
            } else {
                window[filled++] = next;
            }
        }
    }
}
