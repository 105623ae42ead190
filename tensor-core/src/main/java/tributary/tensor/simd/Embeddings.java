package tributary.tensor.simd;

import java.util.Arrays;
import tributary.tensor.IntTensor;
import tributary.tensor.Tensor;

/// Rows of a table by their ids, and the gradient of the table. The gradient is cut by columns: each part adds its
/// columns of every dy in the order of the ids, so an id that occurs twice is neither raced for nor summed in a
/// different order.
final class Embeddings {
    private static final IntTensor NO_IDS = IntTensor.zeros(1);
    /// Columns of a part: four cache lines.
    private static final int COLUMNS = 64;

    private final Gather gather;
    private final Clear clear;
    private final Scatter scatter;

    Embeddings(Workers workers) {
        gather = new Gather(workers);
        clear = new Clear(workers);
        scatter = new Scatter(workers);
    }

    /// y[i] = weight[ids[i]].
    void forward(Tensor weight, IntTensor ids, Tensor y) {
        gather.apply(weight, ids, y);
    }

    /// dweight[ids[i]] += dy[i], on top of zero or of what is there.
    void backward(IntTensor ids, Tensor dy, boolean accumulate, Tensor dweight) {
        if (!accumulate) {
            clear.apply(dweight);
        }
        scatter.apply(ids, dy, dweight);
    }

    private static final class Gather extends Ranges {
        private Tensor weight = NONE;
        private IntTensor ids = NO_IDS;
        private Tensor y = NONE;

        Gather(Workers workers) {
            super(workers);
        }

        void apply(Tensor weight, IntTensor ids, Tensor y) {
            this.weight = weight;
            this.ids = ids;
            this.y = y;
            over(ids.elements(), rows(weight.shape().last()));
            this.weight = NONE;
            this.ids = NO_IDS;
            this.y = NONE;
        }

        @Override
        void range(int from, int to, int worker) {
            int width = weight.shape().last();
            for (int i = from; i < to; i++) {
                System.arraycopy(weight.array(), weight.offset() + ids.array()[i] * width, y.array(), y.offset() + i * width, width);
            }
        }
    }

    private static final class Clear extends Ranges {
        private Tensor x = NONE;

        Clear(Workers workers) {
            super(workers);
        }

        void apply(Tensor x) {
            this.x = x;
            over(x.elements(), CHUNK);
            this.x = NONE;
        }

        @Override
        void range(int from, int to, int worker) {
            Arrays.fill(x.array(), x.offset() + from, x.offset() + to, 0f);
        }
    }

    private static final class Scatter extends Ranges {
        private IntTensor ids = NO_IDS;
        private Tensor dy = NONE;
        private Tensor dweight = NONE;

        Scatter(Workers workers) {
            super(workers);
        }

        void apply(IntTensor ids, Tensor dy, Tensor dweight) {
            this.ids = ids;
            this.dy = dy;
            this.dweight = dweight;
            over(dweight.shape().last(), COLUMNS);
            this.ids = NO_IDS;
            this.dy = NONE;
            this.dweight = NONE;
        }

        @Override
        void range(int from, int to, int worker) {
            int width = dweight.shape().last();
            int[] rows = ids.array();
            for (int i = 0; i < rows.length; i++) {
                AddScaled.run(to - from, 1f, dy.array(), dy.offset() + i * width + from,
                        true, dweight.array(), dweight.offset() + rows[i] * width + from);
            }
        }
    }
}
