package tributary.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.OptimizerParamGroup;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;
import tributary.autograd.ParameterStore;
import tributary.model.Gpt;
import tributary.model.GptConfig;

/// The same GPT-2 from the same initial values, in libtorch's own functions: autograd, fused attention, clipping, AdamW
/// with decay on matrices only. With bfloat16 the forward pass runs under autocast; parameters and updates stay float32.
final class TorchStep implements Work {
    private final GptConfig config;
    private final int batch;
    private final boolean bfloat16;
    private final Map<String, Tensor> parameters = new HashMap<>();
    private final TensorVector all;
    private final Tensor ids;
    private final Tensor positions;
    private final Tensor targets;
    private final AdamW optimizer;
    private float loss;

    TorchStep(Workload.TrainingStep workload, boolean bfloat16) {
        this.config = workload.config();
        this.batch = workload.batch();
        this.bfloat16 = bfloat16;
        ParameterStore store = Gpt.initialized(config, Workload.TrainingStep.SEED).parameters();
        List<Tensor> matrices = new ArrayList<>();
        List<Tensor> vectors = new ArrayList<>();
        for (ParameterStore.Entry entry : store.layout().entries()) {
            Tensor parameter = parameter(store, entry);
            parameters.put(entry.name(), parameter);
            (entry.shape().rank() >= 2 ? matrices : vectors).add(parameter);
        }
        optimizer = new AdamW(vector(matrices), adamW(Workload.TrainingStep.WEIGHT_DECAY));
        optimizer.add_param_group(new OptimizerParamGroup(vector(vectors), adamW(0)));
        List<Tensor> both = new ArrayList<>(matrices);
        both.addAll(vectors);
        all = vector(both);
        int context = config.context();
        Tensor rows = Tensor.create(Arrays.stream(workload.ids()).asLongStream().toArray(), batch, context + 1);
        ids = rows.narrow(1, 0, context).contiguous();
        targets = rows.narrow(1, 1, context).contiguous().view(-1);
        positions = torch.arange(new Scalar((long) context), ids.options());
    }

    /// A copy; projections are turned from (in, out) to libtorch's (out, in).
    private static Tensor parameter(ParameterStore store, ParameterStore.Entry entry) {
        tributary.tensor.Tensor view = store.parameter(entry.name()).value();
        float[] values = Arrays.copyOfRange(view.array(), view.offset(), view.offset() + view.elements());
        long[] sizes = new long[entry.shape().rank()];
        Arrays.setAll(sizes, entry.shape()::size);
        Tensor tensor = Tensor.create(values, sizes);
        boolean projection = entry.name().contains(".h.") && sizes.length == 2;
        return (projection ? tensor.t().contiguous() : tensor).set_requires_grad(true);
    }

    private static TensorVector vector(List<Tensor> tensors) {
        return new TensorVector(tensors.toArray(Tensor[]::new));
    }

    static AdamWOptions adamW(double weightDecay) {
        AdamWOptions options = new AdamWOptions(Workload.TrainingStep.LR);
        DoublePointer betas = options.betas(); // a C++ tuple, in memory from last to first or otherwise; the standard beta1 is the smaller
        int first = betas.get(0) < betas.get(1) ? 0 : 1;
        betas.put(first, Workload.TrainingStep.BETA1).put(1 - first, Workload.TrainingStep.BETA2);
        options.eps().put(Workload.TrainingStep.EPSILON);
        options.weight_decay().put(weightDecay);
        return options;
    }

    @Override
    public void run() {
        try (PointerScope _ = new PointerScope()) {
            optimizer.zero_grad();
            Tensor mean = autocastLoss();
            mean.backward();
            torch.clip_grad_norm_(all, Workload.TrainingStep.CLIP);
            optimizer.step();
            loss = mean.item_float();
        }
    }

    @Override
    public float[] result() {
        return new float[] {loss};
    }

    private Tensor autocastLoss() {
        if (!bfloat16) {
            return forward();
        }
        torch.set_autocast_dtype(DeviceType.CPU, ScalarType.BFloat16);
        torch.set_autocast_cache_enabled(false); // every weight is cast once a step in any case
        torch.set_autocast_enabled(DeviceType.CPU, true);
        try {
            return forward();
        } finally {
            torch.set_autocast_enabled(DeviceType.CPU, false);
        }
    }

    private Tensor forward() {
        Tensor tokens = parameters.get("transformer.wte.weight");
        Tensor x = torch.embedding(tokens, ids).add(torch.embedding(parameters.get("transformer.wpe.weight"), positions)); // (B, T, C)
        for (int layer = 0; layer < config.layers(); layer++) {
            String block = "transformer.h." + layer;
            Tensor qkv = linear(norm(x, block + ".ln_1"), block + ".attn.c_attn"); // (B, T, C) -> (B, T, 3C)
            Tensor attended = Torch.attention(qkv, batch, config.heads(), config.context(), config.headSize());
            x = x.add(linear(attended, block + ".attn.c_proj"));
            Tensor hidden = torch.gelu(linear(norm(x, block + ".ln_2"), block + ".mlp.c_fc"), "tanh"); // (B, T, C) -> (B, T, 4C)
            x = x.add(linear(hidden, block + ".mlp.c_proj"));
        }
        Tensor logits = torch.linear(norm(x, "transformer.ln_f"), tokens); // (B, T, C) -> (B, T, V)
        return torch.cross_entropy_loss(logits.view(-1, config.vocabulary()), targets);
    }

    private Tensor linear(Tensor x, String name) {
        return torch.linear(x, parameters.get(name + ".weight"), new TensorOptional(parameters.get(name + ".bias")));
    }

    private Tensor norm(Tensor x, String name) {
        return torch.layer_norm(x, new long[] {config.width()}, new TensorOptional(parameters.get(name + ".weight")),
                new TensorOptional(parameters.get(name + ".bias")), config.epsilon(), false);
    }
}
