package tributary.model;

import tributary.autograd.ParameterStore;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;
import tributary.tensor.Unary;

/// **GPT-2 over new tokens only**: the forward pass of [Gpt#logits], with the keys and values of the tokens read so far
/// kept, so that one more token costs one reading of the weights whatever came before it. Only the last token's logits are
/// computed. The cache holds 2 L T C numbers.
///
/// One token more allocates nothing. Not for several threads.
final class Decoder {
    private final GptConfig config;
    private final Kernels kernels;
    private final Tensor tokens;
    private final Tensor positions;
    private final Affine lastNorm;
    private final Block[] blocks;
    private final Activations one;
    private Activations many;
    private final Tensor lastNormed;
    private final Tensor lastMean = Tensor.zeros(1);
    private final Tensor lastRstd = Tensor.zeros(1);
    private final Tensor logits;
    private int length;

    Decoder(Gpt model, Kernels kernels) {
        this.config = model.config();
        this.kernels = kernels;
        ParameterStore parameters = model.parameters();
        tokens = parameters.parameter(Gpt.TOKENS).value();
        positions = parameters.parameter(Gpt.POSITIONS).value();
        lastNorm = Affine.of(parameters, "transformer.ln_f");
        blocks = new Block[config.layers()];
        for (int layer = 0; layer < blocks.length; layer++) {
            blocks[layer] = Block.of(config, parameters, "transformer.h." + layer);
        }
        one = new Activations(config, 1);
        many = one;
        lastNormed = Tensor.zeros(1, config.width());
        logits = Tensor.zeros(1, config.vocabulary());
    }

    /// How many tokens have been read since the last [#start].
    int length() {
        return length;
    }

    /// Forgets everything, and reads the beginning of a text in one pass.
    ///
    /// @param ids the first `count` of these, at least one and at most the context
    /// @return (1, V): the next token's unnormalised log-probabilities, until the next call
    Tensor start(int[] ids, int count) {
        checkRoom(0, count);
        if (many.ids.elements() != count) {
            many = count == 1 ? one : new Activations(config, count);
        }
        System.arraycopy(ids, 0, many.ids.array(), 0, count);
        length = 0;
        return read(many);
    }

    /// Reads one token more.
    ///
    /// @return as [#start]
    Tensor append(int id) {
        checkRoom(length, 1);
        one.ids.array()[0] = id;
        return read(one);
    }

    private void checkRoom(int from, int count) {
        if (count < 1 || count > config.context() - from) {
            throw new IllegalArgumentException(
                    "decoder: " + count + " tokens after " + from + " do not fit the context " + config.context() + "; start anew");
        }
    }

    private Tensor read(Activations a) {
        int count = a.ids.elements();
        for (int n = 0; n < count; n++) {
            a.places.array()[n] = length + n;
        }
        kernels.embedding(tokens, a.ids, a.x);
        kernels.embedding(positions, a.places, a.normed);
        kernels.addScaled(1f, a.normed, a.x);
        for (Block block : blocks) {
            norm(block.attentionNorm, a);
            block.qkv.apply(kernels, a.normed, false, a.qkv); // (N, C) -> (N, 3C)
            kernels.cachedAttention(length, a.qkv, block.keys, block.values, a.attended);
            block.attentionOut.apply(kernels, a.attended, true, a.x);
            norm(block.perceptronNorm, a);
            block.up.apply(kernels, a.normed, false, a.hidden); // (N, C) -> (N, 4C)
            kernels.unary(Unary.GELU_TANH, a.hidden, a.hidden);
            block.down.apply(kernels, a.hidden, true, a.x);
        }
        kernels.layerNorm(a.last, lastNorm.weight, lastNorm.bias, (float) config.epsilon(), lastNormed, lastMean, lastRstd);
        kernels.matmul(lastNormed, false, tokens, true, null, false, logits); // (1, C) -> (1, V)
        length += count;
        return logits;
    }

    private void norm(Affine norm, Activations a) {
        kernels.layerNorm(a.x, norm.weight, norm.bias, (float) config.epsilon(), a.normed, a.mean, a.rstd);
    }

    /// A weight with its bias: of a projection, (in, out), or of a norm.
    private record Affine(Tensor weight, Tensor bias) {
        static Affine of(ParameterStore parameters, String name) {
            return new Affine(parameters.parameter(name + ".weight").value(), parameters.parameter(name + ".bias").value());
        }

        void apply(Kernels kernels, Tensor x, boolean accumulate, Tensor y) {
            kernels.matmul(x, false, weight, false, bias, accumulate, y);
        }
    }

    /// One layer's parameters, and its keys and values, (nh, T, hs).
    private record Block(
            Affine attentionNorm, Affine qkv, Affine attentionOut, Affine perceptronNorm, Affine up, Affine down,
            Tensor keys, Tensor values) {
        static Block of(GptConfig config, ParameterStore parameters, String name) {
            Shape cache = Shape.of(config.heads(), config.context(), config.headSize());
            return new Block(
                    Affine.of(parameters, name + ".ln_1"), Affine.of(parameters, name + ".attn.c_attn"),
                    Affine.of(parameters, name + ".attn.c_proj"), Affine.of(parameters, name + ".ln_2"),
                    Affine.of(parameters, name + ".mlp.c_fc"), Affine.of(parameters, name + ".mlp.c_proj"),
                    Tensor.zeros(cache), Tensor.zeros(cache));
        }
    }

    /// What is computed for N tokens read at once.
    ///
    /// @param x (N, C), the residual stream
    /// @param last the last row of x
    private record Activations(
            IntTensor ids, IntTensor places, Tensor x, Tensor last, Tensor normed, Tensor mean, Tensor rstd, Tensor qkv,
            Tensor attended, Tensor hidden) {

        Activations(GptConfig config, int count) {
            this(config, count, Tensor.zeros(count, config.width()));
        }

        private Activations(GptConfig config, int count, Tensor x) {
            this(
                    IntTensor.zeros(count), IntTensor.zeros(count), x,
                    x.range((count - 1) * config.width(), Shape.of(1, config.width())), Tensor.zeros(x.shape()),
                    Tensor.zeros(count), Tensor.zeros(count), Tensor.zeros(count, 3 * config.width()),
                    Tensor.zeros(x.shape()), Tensor.zeros(count, 4 * config.width()));
        }
    }
}
