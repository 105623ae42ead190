package tributary.model.optimizer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.autograd.ParameterStore;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
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
public final class AdamW implements Optimizer {
    private final Hyperparameters hyperparameters;
    private final List<Range> ranges;
    private final Tensor m;
    private final Tensor v;
    private int steps;
    private @Nullable Tensor boundParameters;
    private @Nullable Tensor boundGradients;
    private List<Views> views = List.of();

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

    private record Range(int from, Shape shape, boolean decayed) {}

    /// One range's views into the four flat buffers.
    private record Views(Tensor parameters, Tensor gradients, Tensor m, Tensor v, boolean decayed) {}

    /// @param layout of the parameters: it says which ranges are matrices and decay
    public AdamW(ParameterStore.Layout layout, Hyperparameters hyperparameters) {
        this.hyperparameters = hyperparameters;
        this.ranges = ranges(layout);
        this.m = Tensor.zeros(layout.elements());
        this.v = Tensor.zeros(layout.elements());
    }

    /// Neighbours that decay alike, joined.
    private static List<Range> ranges(ParameterStore.Layout layout) {
        List<Range> ranges = new ArrayList<>();
        int from = 0;
        boolean decayed = false;
        for (ParameterStore.Entry entry : layout.entries()) {
            boolean matrix = entry.shape().rank() >= 2;
            if (matrix != decayed) {
                if (entry.offset() > from) {
                    ranges.add(new Range(from, Shape.of(entry.offset() - from), decayed));
                }
                from = entry.offset();
                decayed = matrix;
            }
        }
        ranges.add(new Range(from, Shape.of(layout.elements() - from), decayed));
        return ranges;
    }

    @Override
    public void step(Kernels kernels, Tensor parameters, Tensor gradients, float gradientScale, float lr) {
        if (parameters != boundParameters || gradients != boundGradients) {
            bind(parameters, gradients);
        }
        steps++;
        Hyperparameters h = hyperparameters;
        for (int i = 0; i < views.size(); i++) {
            Views at = views.get(i);
            kernels.adamW(
                    at.parameters, at.gradients, at.m, at.v, gradientScale,
                    lr, (float) h.beta1, (float) h.beta2, (float) h.epsilon, at.decayed ? (float) h.weightDecay : 0f, steps);
        }
    }

    private void bind(Tensor parameters, Tensor gradients) {
        views = ranges.stream()
                .map(range -> new Views(
                        parameters.range(range.from, range.shape), gradients.range(range.from, range.shape),
                        m.range(range.from, range.shape), v.range(range.from, range.shape), range.decayed))
                .toList();
        boundParameters = parameters;
        boundGradients = gradients;
    }

    @Override
    public int steps() {
        return steps;
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>(); // in an order of its own: it goes into files
        state.put("m", m);
        state.put("v", v);
        return state;
    }

    @Override
    public void resume(int steps) {
        this.steps = steps;
    }
}
