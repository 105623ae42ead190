package tributary.model.optimizer;

import java.util.stream.IntStream;
import tributary.autograd.ParameterStore;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// **AdamW**: Adam with decoupled weight decay.   Loshchilov and Hutter 2019, arXiv:1711.05101
///
/// ```
/// p <- p - lr lambda p                                  matrices only
/// m <- beta1 m + (1 - beta1) g
/// v <- beta2 v + (1 - beta2) g^2
/// p <- p - lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
/// ```
///
/// Decay applies to tensors of two or more dimensions; gains and biases are left alone, as GPT-2's trainers do.
public final class AdamW extends StatefulOptimizer {
    private final Hyperparameters hyperparameters;
    private final int[] decayed;
    private final Tensor m;
    private final Tensor v;

    /// @param beta1 the decay of the first moment
    /// @param beta2 the decay of the second moment
    /// @param epsilon added to the root of the second moment
    /// @param weightDecay lambda
    public record Hyperparameters(double beta1, double beta2, double epsilon, double weightDecay) {
        public Hyperparameters {
            share("beta1", beta1);
            share("beta2", beta2);
            if (!(epsilon > 0)) {
                throw new IllegalArgumentException("AdamW: epsilon " + epsilon + " is not positive");
            }
            if (!(weightDecay >= 0)) {
                throw new IllegalArgumentException("AdamW: weight decay " + weightDecay + " is negative");
            }
        }

        private static void share(String name, double value) {
            if (!(value >= 0 && value < 1)) {
                throw new IllegalArgumentException("AdamW: " + name + " " + value + " is not in [0, 1)");
            }
        }
    }

    /// @param layout of the parameters: it says which ranges are matrices and decay
    public AdamW(ParameterStore.Layout layout, Hyperparameters hyperparameters) {
        this.hyperparameters = hyperparameters;
        this.decayed = matrices(layout);
        this.m = buffer("m", layout.elements());
        this.v = buffer("v", layout.elements());
    }

    /// Where matrices begin and end, neighbours joined.
    private static int[] matrices(ParameterStore.Layout layout) {
        IntStream.Builder borders = IntStream.builder();
        boolean inside = false;
        for (ParameterStore.Entry entry : layout.entries()) {
            boolean matrix = entry.shape().rank() >= 2;
            if (matrix != inside) {
                borders.add(entry.offset());
                inside = matrix;
            }
        }
        if (inside) {
            borders.add(layout.elements());
        }
        return borders.build().toArray();
    }

    @Override
    public void step(Kernels kernels, Tensor parameters, Tensor gradients, float gradientScale, float lr) {
        steps++;
        Hyperparameters h = hyperparameters;
        kernels.adamW(
                parameters, gradients, m, v, gradientScale,
                lr, (float) h.beta1, (float) h.beta2, (float) h.epsilon, (float) h.weightDecay, decayed, steps);
    }
}
