package tributary.model;

import java.util.Arrays;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tributary.autograd.ParameterStore;
import tributary.autograd.Tape;
import tributary.autograd.Variable;
import tributary.autograd.op.Add;
import tributary.autograd.op.Dropout;
import tributary.autograd.op.Embedding;
import tributary.autograd.op.HeadCrossEntropy;
import tributary.autograd.op.LayerNorm;
import tributary.autograd.op.Linear;
import tributary.autograd.op.Op;
import tributary.autograd.op.PackedCausalAttention;
import tributary.autograd.op.Perceptron;
import tributary.model.data.Gaussians;
import tributary.model.data.StatelessRandom;
import tributary.tensor.IntTensor;
import tributary.tensor.Tensor;

/// **GPT-2**: a stack of pre-norm transformer blocks with learned positions and a head tied to the token embedding.
/// Radford et al. 2019, "Language Models are Unsupervised Multitask Learners".
///
/// Parameters have Hugging Face's names and layout; projections are stored (in, out).
public final class Gpt {
    static final String TOKENS = "transformer.wte.weight";
    static final String POSITIONS = "transformer.wpe.weight";
    /// Initial values that a thread draws at once.
    private static final int DRAWN_TOGETHER = 1 << 14;

    private final GptConfig config;
    private final ParameterStore parameters;

    /// A model over existing parameters.
    ///
    /// @param parameters laid out as [#layout] says
    public Gpt(GptConfig config, ParameterStore parameters) {
        this.config = config;
        this.parameters = parameters;
    }

    /// A new model with GPT-2's initial values: normal with deviation 0.02, projections into the residual stream
    /// 0.02 / sqrt(2 L), gains one, biases zero. A pure function of (config, seed).
    public static Gpt initialized(GptConfig config, long seed) {
        Gpt model = new Gpt(config, new ParameterStore(layout(config)));
        model.initialize(seed);
        return model;
    }

    /// The parameters' names, shapes and order.
    public static ParameterStore.Layout layout(GptConfig config) {
        int width = config.width();
        ParameterStore.Layout.Builder layout = ParameterStore.Layout.builder()
                .add(TOKENS, config.vocabulary(), width)
                .add(POSITIONS, config.context(), width);
        for (int layer = 0; layer < config.layers(); layer++) {
            String block = "transformer.h." + layer;
            layout.add(block + ".ln_1.weight", width).add(block + ".ln_1.bias", width)
                    .add(block + ".attn.c_attn.weight", width, 3 * width).add(block + ".attn.c_attn.bias", 3 * width)
                    .add(block + ".attn.c_proj.weight", width, width).add(block + ".attn.c_proj.bias", width)
                    .add(block + ".ln_2.weight", width).add(block + ".ln_2.bias", width)
                    .add(block + ".mlp.c_fc.weight", width, 4 * width).add(block + ".mlp.c_fc.bias", 4 * width)
                    .add(block + ".mlp.c_proj.weight", 4 * width, width).add(block + ".mlp.c_proj.bias", width);
        }
        return layout.add("transformer.ln_f.weight", width).add("transformer.ln_f.bias", width).build();
    }

    /// Overwrites all parameters with the initial values of [#initialized].
    public void initialize(long seed) {
        long initial = StatelessRandom.seed(seed, "initial values");
        double residual = 0.02 / Math.sqrt(2.0 * config.layers());
        for (ParameterStore.Entry entry : parameters.layout().entries()) {
            Tensor values = parameters.parameter(entry.name()).value();
            if (entry.shape().rank() >= 2) {
                double deviation = entry.name().endsWith("c_proj.weight") ? residual : 0.02;
                int elements = entry.shape().elements();
                IntStream.range(0, Math.ceilDiv(elements, DRAWN_TOGETHER)).map(chunk -> chunk * DRAWN_TOGETHER).parallel()
                        .forEach(from -> new Gaussians().fill(values.array(), values.offset() + from,
                                Math.min(elements - from, DRAWN_TOGETHER),
                                deviation, initial, entry.offset(), from));
            } else {
                values.fill(entry.name().endsWith(".weight") ? 1f : 0f);
            }
        }
    }

    /// The same model, the same numbers, with gradients of its own.
    Gpt withOwnGradients() {
        return new Gpt(config, new ParameterStore(parameters.layout(), parameters.values()));
    }

    /// The same model, the same numbers, with these gradients.
    Gpt withGradients(Tensor gradients) {
        return new Gpt(config, ParameterStore.over(parameters.layout(), parameters.values(), gradients));
    }

    public GptConfig config() {
        return config;
    }

    public ParameterStore parameters() {
        return parameters;
    }

    /// The mean cross-entropy of predicting every target, in nats, without dropout.
    ///
    /// @param ids (B, T)
    /// @param targets (B, T), the ids that follow; -100 counts neither in the sum nor in the mean
    /// @return the loss, one number
    public Variable loss(Tape tape, IntTensor ids, IntTensor targets) {
        return tape.apply(losses(tape, ids, targets));
    }

    /// The training loss: as [#loss(Tape, IntTensor, IntTensor)], with the configured dropout.
    ///
    /// @param stepSeed drawn once for each dropout at each forward pass; must differ from step to step and stay the same
    ///     within one
    public Variable trainingLoss(Tape tape, IntTensor ids, IntTensor targets, LongSupplier stepSeed) {
        return tape.apply(new HeadCrossEntropy(hidden(tape, ids, new Dropouts(stepSeed)), parameter(TOKENS), targets));
    }

    /// The next token's unnormalised log-probabilities at every position, without dropout: ids (B, T) -> (B, T, V).
    public Variable logits(Tape tape, IntTensor ids) {
        return tape.apply(new Linear(hidden(tape, ids, null), parameter(TOKENS), true, null)); // (B, T, C) -> (B, T, V)
    }

    /// The operation of [#loss(Tape, IntTensor, IntTensor)], not yet applied: it also knows the loss of every target.
    HeadCrossEntropy losses(Tape tape, IntTensor ids, IntTensor targets) {
        return new HeadCrossEntropy(hidden(tape, ids, null), parameter(TOKENS), targets);
    }

    /// What the head reads: ids (B, T) -> (B, T, C).
    private Variable hidden(Tape tape, IntTensor ids, @Nullable Dropouts dropouts) {
        int length = ids.shape().last();
        if (length > config.context()) {
            throw new IllegalArgumentException("gpt: a sequence of " + length + " tokens is longer than the context " + config.context());
        }
        IntTensor positions = IntTensor.zeros(length);
        Arrays.setAll(positions.array(), t -> t);
        Variable tokens = tape.apply(new Embedding(parameter(TOKENS), ids)); // (B, T) -> (B, T, C)
        Variable places = tape.apply(new Embedding(parameter(POSITIONS), positions)); // (T) -> (T, C)
        Variable x = drop(tape, tape.apply(new Add(tokens, places)), dropouts);
        for (int layer = 0; layer < config.layers(); layer++) {
            Variable stream = x;
            String name = "transformer.h." + layer;
            x = tape.part(() -> block(tape, stream, name, dropouts));
        }
        return norm(tape, x, "transformer.ln_f");
    }

    private Op block(Tape tape, Variable x, String name, @Nullable Dropouts dropouts) {
        Variable normed = norm(tape, x, name + ".ln_1");
        if (dropouts == null || config.dropout() == 0) {
            Variable h = tape.apply(attention(tape, normed, name + ".attn", x));
            return perceptron(norm(tape, h, name + ".ln_2"), name + ".mlp", h);
        }
        Variable attended = tape.apply(attention(tape, normed, name + ".attn", null));
        Variable h = tape.apply(new Add(x, drop(tape, attended, dropouts)));
        Variable thought = tape.apply(perceptron(norm(tape, h, name + ".ln_2"), name + ".mlp", null));
        return new Add(h, drop(tape, thought, dropouts));
    }

    private Linear attention(Tape tape, Variable x, String name, @Nullable Variable residual) {
        Variable qkv = tape.apply(linear(x, name + ".c_attn", null)); // (B, T, C) -> (B, T, 3C)
        return linear(tape.apply(new PackedCausalAttention(qkv, config.heads(), config.heads())), name + ".c_proj", residual);
    }

    /// Through a hidden layer of (B, T, 4C).
    private Perceptron perceptron(Variable x, String name, @Nullable Variable residual) {
        return new Perceptron(x, parameter(name + ".c_fc.weight"), parameter(name + ".c_fc.bias"),
                parameter(name + ".c_proj.weight"), parameter(name + ".c_proj.bias"), residual);
    }

    private Linear linear(Variable x, String name, @Nullable Variable residual) {
        return new Linear(x, parameter(name + ".weight"), false, parameter(name + ".bias"), residual);
    }

    private Variable norm(Tape tape, Variable x, String name) {
        return tape.apply(new LayerNorm(x, parameter(name + ".weight"), parameter(name + ".bias"), (float) config.epsilon()));
    }

    private Variable drop(Tape tape, Variable x, @Nullable Dropouts dropouts) {
        if (dropouts == null || config.dropout() == 0) {
            return x;
        }
        return tape.apply(new Dropout(x, (float) config.dropout(), dropouts.next()));
    }

    private Variable parameter(String name) {
        return parameters.parameter(name);
    }

    /// Gives every dropout of one forward pass a seed of its own.
    private static final class Dropouts {
        private final LongSupplier stepSeed;
        private int place;

        Dropouts(LongSupplier stepSeed) {
            this.stepSeed = stepSeed;
        }

        LongSupplier next() {
            int here = place++;
            return () -> StatelessRandom.bits(stepSeed.getAsLong(), here, 0);
        }
    }
}
