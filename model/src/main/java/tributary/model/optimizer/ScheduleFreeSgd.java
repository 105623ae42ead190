package tributary.model.optimizer;

import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// **Schedule-free SGD**: the average of all iterates takes the place of a learning-rate schedule.
/// Defazio et al. 2024, arXiv:2405.15682
///
/// ```
/// z <- z - lr g                        g the gradient at y
/// x <- (1 - 1/t) x + (1/t) z           the mean of all z
/// y <- (1 - beta) z + beta x
/// ```
///
/// The trained parameters are y; x, which starts where they do, is what to evaluate. All z count alike, as the paper has it for
/// one constant learning rate.
public final class ScheduleFreeSgd extends StatefulOptimizer {
    private final float beta;
    private final Tensor z;
    private final Tensor x;

    /// @param elements how many parameters it moves
    /// @param beta how near to the average gradients are taken, in [0, 1)
    public ScheduleFreeSgd(int elements, double beta) {
        if (!(beta >= 0 && beta < 1)) {
            throw new IllegalArgumentException("schedule-free SGD: beta " + beta + " is not in [0, 1)");
        }
        this.beta = (float) beta;
        this.z = buffer("z", elements);
        this.x = buffer("x", elements);
    }

    @Override
    public void step(Kernels kernels, Tensor parameters, Tensor gradients, float gradientScale, float lr) {
        if (steps == 0) {
            kernels.copy(parameters, false, z);
        }
        steps++;
        float share = 1f / steps;
        kernels.addScaled(-lr * gradientScale, gradients, z);
        kernels.scale(1 - share, x);
        kernels.addScaled(share, z, x);
        kernels.copy(z, false, parameters);
        kernels.scale(1 - beta, parameters);
        kernels.addScaled(beta, x, parameters);
    }

    @Override
    public Tensor evaluated(Tensor parameters) {
        return steps == 0 ? parameters : x;
    }
}
