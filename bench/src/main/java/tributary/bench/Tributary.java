package tributary.bench;

import java.util.Arrays;
import java.util.List;
import tributary.model.Gpt;
import tributary.model.Trainer;
import tributary.model.data.BatchSource;
import tributary.model.optimizer.AdamW;
import tributary.model.optimizer.Schedule;
import tributary.tensor.AttentionLayout;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;
import tributary.tensor.Unary;

/// This project's kernels: the reference, or the Vector API at the width this JVM was started with.
record Tributary(Kernels kernels) implements Contender {
    private static final int IGNORED = -1;

    @Override
    public String description() {
        return kernels.description();
    }

    @Override
    public void close() {
        kernels.close();
    }

    @Override
    public Work prepare(Workload workload) {
        return switch (workload) {
            case Workload.MatrixProduct product -> product(product);
            case Workload.Attention attention -> attention(attention);
            case Workload.RowKernel row -> row(row);
            case Workload.TrainingStep step -> new Step(step);
            case Workload.LocalSteps _ -> throw Contender.lacks("tributary", workload);
        };
    }

    private record Kernel(Runnable call, List<Tensor> outputs) implements Work {
        @Override
        public void run() {
            call.run();
        }

        @Override
        public float[] result() {
            float[] all = new float[outputs.stream().mapToInt(Tensor::elements).sum()];
            int at = 0;
            for (Tensor output : outputs) {
                System.arraycopy(output.array(), output.offset(), all, at, output.elements());
                at += output.elements();
            }
            return all;
        }
    }

    private static Work kernel(Runnable call, Tensor... outputs) {
        return new Kernel(call, List.of(outputs));
    }

    private static Tensor operand(int place, int... sizes) {
        return Tensor.of(Workload.operand(place, Arrays.stream(sizes).reduce(1, Math::multiplyExact)), sizes);
    }

    private Work product(Workload.MatrixProduct p) {
        Tensor a = p.transposeA() ? operand(0, p.k(), p.m()) : operand(0, p.m(), p.k());
        Tensor b = p.transposeB() ? operand(1, p.n(), p.k()) : operand(1, p.k(), p.n());
        Tensor c = Tensor.zeros(p.m(), p.n());
        return kernel(() -> kernels.matmul(a, p.transposeA(), b, p.transposeB(), null, false, c), c);
    }

    private Work attention(Workload.Attention a) {
        AttentionLayout layout = AttentionLayout.packed(a.batch(), a.heads(), a.heads(), a.length(), a.headSize());
        int width = a.heads() * a.headSize();
        Tensor qkv = operand(0, a.batch() * a.length(), 3 * width);
        Tensor out = Tensor.zeros(a.batch() * a.length(), width);
        Tensor logSumExp = Tensor.zeros(a.batch(), a.heads(), a.length());
        Runnable forward = () -> kernels.attention(layout, qkv, qkv, qkv, out, logSumExp);
        if (!a.backward()) {
            return kernel(forward, out);
        }
        Tensor dout = operand(1, a.batch() * a.length(), width);
        Tensor dqkv = Tensor.zeros(qkv.shape());
        forward.run();
        return kernel(() -> kernels.attentionBackward(layout, qkv, qkv, qkv, out, logSumExp, dout, false, dqkv, dqkv, dqkv), dqkv);
    }

    private Work row(Workload.RowKernel row) {
        int rows = row.rows();
        int columns = row.columns();
        Tensor x = operand(0, rows, columns);
        Tensor y = Tensor.zeros(rows, columns);
        return switch (row.kind()) {
            case LAYER_NORM -> {
                Tensor weight = operand(1, columns);
                Tensor bias = operand(2, columns);
                Tensor mean = Tensor.zeros(rows);
                Tensor rstd = Tensor.zeros(rows);
                yield kernel(() -> kernels.layerNorm(x, weight, bias, 1e-5f, y, mean, rstd), y);
            }
            case LAYER_NORM_BACKWARD -> {
                Tensor weight = operand(1, columns);
                Tensor bias = operand(2, columns);
                Tensor dy = operand(3, rows, columns);
                Tensor mean = Tensor.zeros(rows);
                Tensor rstd = Tensor.zeros(rows);
                Tensor dweight = Tensor.zeros(columns);
                Tensor dbias = Tensor.zeros(columns);
                kernels.layerNorm(x, weight, bias, 1e-5f, y, mean, rstd);
                yield kernel(() -> kernels.layerNormBackward(x, weight, mean, rstd, dy, false, y, false, dweight, dbias), y, dweight,
                        dbias);
            }
            case GELU -> kernel(() -> kernels.unary(Unary.GELU_TANH, x, y), y);
            case GELU_BACKWARD -> {
                Tensor dy = operand(1, rows, columns);
                Tensor dx = Tensor.zeros(rows, columns);
                kernels.unary(Unary.GELU_TANH, x, y);
                yield kernel(() -> kernels.unaryBackward(Unary.GELU_TANH, x, y, dy, false, dx), dx);
            }
            case SOFTMAX -> kernel(() -> kernels.softmax(x, y), y);
            case CROSS_ENTROPY -> {
                IntTensor targets = IntTensor.of(Workload.ids(rows, columns), rows);
                Tensor losses = Tensor.zeros(rows);
                Tensor logSumExp = Tensor.zeros(rows);
                yield kernel(() -> kernels.crossEntropy(x, targets, IGNORED, losses, logSumExp), losses);
            }
            case CROSS_ENTROPY_BACKWARD -> {
                IntTensor targets = IntTensor.of(Workload.ids(rows, columns), rows);
                Tensor logSumExp = Tensor.zeros(rows);
                kernels.crossEntropy(x, targets, IGNORED, Tensor.zeros(rows), logSumExp);
                yield kernel(() -> kernels.crossEntropyBackward(x, targets, IGNORED, logSumExp, 1f, false, y), y);
            }
            case ADAM_W -> {
                Tensor gradients = operand(1, rows, columns);
                Tensor m = Tensor.zeros(rows, columns);
                Tensor v = Tensor.zeros(rows, columns);
                yield kernel(() -> kernels.adamW(x, gradients, m, v, 1f, 1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, new int[] {0, rows * columns}, 1),
                        x);
            }
            case EMBEDDING -> {
                IntTensor ids = IntTensor.of(Workload.ids(rows, rows), rows);
                yield kernel(() -> kernels.embedding(x, ids, y), y);
            }
            case EMBEDDING_BACKWARD -> {
                IntTensor ids = IntTensor.of(Workload.ids(rows, rows), rows);
                yield kernel(() -> kernels.embeddingBackward(ids, x, false, y), y);
            }
            case SQUARED_NORM -> {
                Tensor sum = Tensor.zeros(1);
                yield kernel(() -> sum.set(0, (float) kernels.squaredNorm(x)), sum);
            }
            case COLUMN_SUMS -> {
                Tensor sums = Tensor.zeros(columns);
                yield kernel(() -> kernels.sumAxis(x, rows, columns, 1f, false, sums), sums);
            }
        };
    }

    /// The trainer's own step, on one batch again and again.
    private final class Step implements Work {
        private final Trainer trainer;
        private final AdamW optimizer;
        private final Schedule schedule = new Schedule.Constant(Workload.TrainingStep.LR);
        private int step;
        private double loss;

        Step(Workload.TrainingStep workload) {
            Gpt model = Gpt.initialized(workload.config(), Workload.TrainingStep.SEED);
            trainer = new Trainer(model, kernels, new OneBatch(workload), Workload.TrainingStep.SEED);
            optimizer = adamW(model);
        }

        @Override
        public void run() {
            loss = trainer.step(step++, optimizer, schedule, Workload.TrainingStep.CLIP);
        }

        @Override
        public float[] result() {
            return new float[] {(float) loss};
        }
    }

    static AdamW adamW(Gpt model) {
        return new AdamW(model.parameters().layout(), new AdamW.Hyperparameters(
                Workload.TrainingStep.BETA1, Workload.TrainingStep.BETA2, Workload.TrainingStep.EPSILON,
                Workload.TrainingStep.WEIGHT_DECAY));
    }

    /// The same rows at every step.
    record OneBatch(int batch, int context, int[] rows) implements BatchSource {
        OneBatch(Workload.TrainingStep workload) {
            this(workload.batch(), workload.config().context(), workload.ids());
        }

        @Override
        public void fill(long step, int replica, int replicas, IntTensor ids, IntTensor targets) {
            for (int row = 0; row < rows(replica, replicas); row++) {
                int from = (replica + row * replicas) * (context + 1);
                System.arraycopy(rows, from, ids.array(), row * context, context);
                System.arraycopy(rows, from + 1, targets.array(), row * context, context);
            }
        }
    }
}
