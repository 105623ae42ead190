package tributary.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// libtorch's own kernels and training step, in eager mode: float32, or bfloat16 where autocast chooses it.
///
/// Results are new tensors at every call, as they are for its users.
final class Torch implements Contender {
    private final int threads;
    private final boolean bfloat16;
    private final String kernels;

    Torch(int threads, boolean bfloat16, BlasLibrary library) {
        this.threads = threads;
        this.bfloat16 = bfloat16;
        String products = library.load(threads);
        torch.set_num_threads(threads);
        this.kernels = "CPU capability " + torch.get_cpu_capability().getString() + ", products by " + products;
    }

    @Override
    public String description() {
        return "libtorch " + (bfloat16 ? "bfloat16 autocast" : "float32") + " eager, " + kernels + ", threads " + threads;
    }

    @Override
    public Work prepare(Workload workload) {
        if (workload instanceof Workload.TrainingStep step) {
            return new TorchStep(step, bfloat16);
        }
        if (bfloat16) {
            throw Contender.lacks("torch-bfloat16", workload);
        }
        return switch (workload) {
            case Workload.MatrixProduct product -> product(product);
            case Workload.Attention attention -> attention(attention);
            case Workload.RowKernel row -> row(row);
            case Workload.TrainingStep _,Workload.LocalSteps _ -> throw Contender.lacks("torch", workload);
        };
    }

    @Override
    public void close() {}

    /// A call whose temporary tensors are freed at its end.
    private record Call(Supplier<List<Tensor>> outputs) implements Work {
        @Override
        public void run() {
            try (PointerScope _ = new PointerScope()) {
                outputs.get();
            }
        }

        @Override
        public float[] result() {
            try (PointerScope _ = new PointerScope()) {
                return numbers(outputs.get());
            }
        }
    }

    private static Work call(Supplier<Tensor> output) {
        return new Call(() -> List.of(output.get()));
    }

    static float[] numbers(List<Tensor> tensors) {
        List<float[]> parts = new ArrayList<>();
        for (Tensor tensor : tensors) {
            float[] part = new float[(int) tensor.numel()];
            FloatPointer data = tensor.contiguous().data_ptr_float();
            data.get(part);
            parts.add(part);
        }
        float[] all = new float[parts.stream().mapToInt(part -> part.length).sum()];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    private static Tensor operand(int place, int... sizes) {
        return Tensor.create(Workload.operand(place, Arrays.stream(sizes).reduce(1, Math::multiplyExact)),
                Arrays.stream(sizes).asLongStream().toArray());
    }

    private static Tensor ids(int count, int bound) {
        return Tensor.create(Arrays.stream(Workload.ids(count, bound)).asLongStream().toArray(), count);
    }

    private static Work product(Workload.MatrixProduct p) {
        Tensor a = p.transposeA() ? operand(0, p.k(), p.m()).t() : operand(0, p.m(), p.k());
        Tensor b = p.transposeB() ? operand(1, p.n(), p.k()).t() : operand(1, p.k(), p.n());
        Tensor c = torch.empty(p.m(), p.n());
        return call(() -> torch.mm_out(c, a, b));
    }

    /// (B, T, 3C) -> q, k and v (B, nh, T, hs) -> (B, T, C).
    static Tensor attention(Tensor qkv, long batch, long heads, long length, long headSize) {
        TensorVector parts = qkv.view(batch, length, 3 * heads, headSize).transpose(1, 2).split(heads, 1);
        Tensor out = torch.scaled_dot_product_attention(
                parts.get(0), parts.get(1), parts.get(2), new TensorOptional(), 0.0, true, new DoubleOptional(), false);
        return out.transpose(1, 2).reshape(batch, length, heads * headSize);
    }

    private static Work attention(Workload.Attention a) {
        int width = a.heads() * a.headSize();
        Tensor qkv = operand(0, a.batch() * a.length(), 3 * width).set_requires_grad(a.backward());
        Supplier<Tensor> forward = () -> attention(qkv, a.batch(), a.heads(), a.length(), a.headSize());
        return a.backward() ? new Backward(List.of(qkv), forward.get(), operand(1, a.batch(), a.length(), width)) : call(forward);
    }

    /// The gradients that an output, which was computed before and is kept, has for its leaves.
    private record Backward(List<Tensor> leaves, Tensor y, Tensor dy) implements Work {
        @Override
        public void run() {
            try (PointerScope _ = new PointerScope()) {
                leaves.forEach(leaf -> leaf.mutable_grad().reset());
                y.backward(dy, new BoolOptional(true), false, new TensorArrayRefOptional());
            }
        }

        @Override
        public float[] result() {
            return numbers(leaves.stream().map(Tensor::grad).toList());
        }
    }

    private static Work row(Workload.RowKernel row) {
        int rows = row.rows();
        int columns = row.columns();
        Tensor x = operand(0, rows, columns);
        return switch (row.kind()) {
            case LAYER_NORM -> {
                Tensor weight = operand(1, columns);
                Tensor bias = operand(2, columns);
                yield call(() -> layerNorm(x, weight, bias));
            }
            case LAYER_NORM_BACKWARD -> {
                Tensor weight = operand(1, columns).set_requires_grad(true);
                Tensor bias = operand(2, columns).set_requires_grad(true);
                x.set_requires_grad(true);
                yield new Backward(List.of(x, weight, bias), layerNorm(x, weight, bias), operand(3, rows, columns));
            }
            case GELU -> call(() -> torch.gelu(x, "tanh"));
            case GELU_BACKWARD -> {
                Tensor dy = operand(1, rows, columns);
                yield call(() -> torch.gelu_backward(dy, x, "tanh"));
            }
            case SOFTMAX -> call(() -> torch.softmax(x, -1));
            case CROSS_ENTROPY -> {
                Tensor targets = ids(rows, columns);
                yield call(() -> crossEntropy(x, targets));
            }
            case CROSS_ENTROPY_BACKWARD -> {
                x.set_requires_grad(true);
                yield new Backward(List.of(x), crossEntropy(x, ids(rows, columns)), torch.ones(rows));
            }
            case ADAM_W -> {
                Tensor gradients = operand(1, rows, columns);
                x.set_requires_grad(true).mutable_grad().put(gradients);
                yield new TorchOptimizer(x);
            }
            case EMBEDDING -> {
                Tensor ids = ids(rows, rows);
                yield call(() -> torch.embedding(x, ids));
            }
            case EMBEDDING_BACKWARD -> {
                Tensor ids = ids(rows, rows);
                yield call(() -> torch.embedding_dense_backward(x, ids, rows, -1, false));
            }
            case SQUARED_NORM -> {
                Tensor flat = x.view(-1);
                yield call(() -> torch.dot(flat, flat));
            }
            case COLUMN_SUMS -> call(() -> torch.sum(x, 0));
        };
    }

    private static Tensor layerNorm(Tensor x, Tensor weight, Tensor bias) {
        return torch.layer_norm(x, new long[] {x.size(-1)}, new TensorOptional(weight), new TensorOptional(bias), 1e-5, false);
    }

    private static Tensor crossEntropy(Tensor logits, Tensor targets) {
        return torch.cross_entropy_loss(logits, targets, new TensorOptional(), 0 /* no reduction */, -1, 0);
    }

    /// libtorch's AdamW on one parameter whose gradient stays.
    private static final class TorchOptimizer implements Work {
        private final Tensor parameter;
        private final AdamW optimizer;

        TorchOptimizer(Tensor parameter) {
            this.parameter = parameter;
            this.optimizer = new AdamW(new TensorVector(parameter), TorchStep.adamW(0.1));
        }

        @Override
        public void run() {
            try (PointerScope _ = new PointerScope()) {
                optimizer.step();
            }
        }

        @Override
        public float[] result() {
            return numbers(List.of(parameter.detach()));
        }
    }
}
