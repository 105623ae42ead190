package tributary.autograd;

import java.util.Random;
import tributary.autograd.op.Add;
import tributary.autograd.op.Dropout;
import tributary.autograd.op.Embedding;
import tributary.autograd.op.Gelu;
import tributary.autograd.op.HeadCrossEntropy;
import tributary.autograd.op.LayerNorm;
import tributary.autograd.op.Linear;
import tributary.autograd.op.PackedCausalAttention;
import tributary.tensor.IntTensor;

/// A transformer block, passed twice, with embeddings, positions and a tied head: the graph of the tape's tests.
final class SmallTransformer {
    static final int BATCH = 2;
    static final int LENGTH = 5;
    static final int WIDTH = 8;
    static final int HEADS = 2;
    static final int VOCABULARY = 11;

    final ParameterStore parameters = new ParameterStore(ParameterStore.Layout.builder()
            .add("tokens", VOCABULARY, WIDTH)
            .add("positions", LENGTH, WIDTH)
            .add("norm1.weight", WIDTH).add("norm1.bias", WIDTH)
            .add("qkv.weight", WIDTH, 3 * WIDTH).add("qkv.bias", 3 * WIDTH)
            .add("out.weight", WIDTH, WIDTH).add("out.bias", WIDTH)
            .add("norm2.weight", WIDTH).add("norm2.bias", WIDTH)
            .add("up.weight", WIDTH, 4 * WIDTH).add("up.bias", 4 * WIDTH)
            .add("down.weight", 4 * WIDTH, WIDTH).add("down.bias", WIDTH)
            .build());
    final IntTensor ids = IntTensor.zeros(BATCH, LENGTH);
    final IntTensor targets = IntTensor.zeros(BATCH, LENGTH);
    long seed;

    SmallTransformer() {
        Random random = new Random(1);
        for (int i = 0; i < parameters.values().elements(); i++) {
            parameters.values().set(i, (float) (0.5 * random.nextGaussian()));
        }
        batch(1);
    }

    /// Other tokens, other targets, another dropout pattern.
    void batch(int seed) {
        Random random = new Random(seed);
        for (int i = 0; i < ids.elements(); i++) {
            ids.array()[i] = random.nextInt(VOCABULARY);
            targets.array()[i] = random.nextInt(VOCABULARY);
        }
        this.seed = seed;
    }

    Variable loss(Tape tape) {
        Variable x = tape.apply(new Add(tape.apply(new Embedding(p("tokens"), ids)), p("positions")));
        Variable stream = x;
        x = tape.part(() -> block(tape, stream));
        Variable again = x;
        x = tape.part(() -> block(tape, again));
        return tape.apply(new HeadCrossEntropy(x, p("tokens"), targets, -100, 4));
    }

    private Add block(Tape tape, Variable x) {
        Variable attended = tape.apply(new PackedCausalAttention(linear(tape, norm(tape, x, "norm1"), "qkv"), HEADS, HEADS));
        Variable dropped = tape.apply(new Dropout(linear(tape, attended, "out"), 0.25f, () -> seed));
        Variable h = tape.apply(new Add(x, dropped));
        Variable hidden = tape.apply(new Gelu(linear(tape, norm(tape, h, "norm2"), "up")));
        return new Add(h, linear(tape, hidden, "down"));
    }

    float[] gradients() {
        return parameters.gradients().toArray();
    }

    private Variable p(String name) {
        return parameters.parameter(name);
    }

    private Variable norm(Tape tape, Variable x, String name) {
        return tape.apply(new LayerNorm(x, p(name + ".weight"), p(name + ".bias"), 1e-5f));
    }

    private Variable linear(Tape tape, Variable x, String name) {
        return tape.apply(new Linear(x, p(name + ".weight"), false, p(name + ".bias")));
    }
}
