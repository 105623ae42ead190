package tributary.model.optimizer;

import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// **SGD**, plain, with momentum or with Nesterov's momentum.   Sutskever et al. 2013, PMLR 28(3):1139
///
/// ```
/// v <- mu v + g
/// p <- p - lr v              momentum (mu = 0: plain)
/// p <- p - lr (g + mu v)     Nesterov
/// ```
public final class Sgd extends StatefulOptimizer {
    private final float momentum;
    private final boolean nesterov;
    private final Tensor velocity;

    /// @param elements how many parameters it moves
    /// @param momentum mu, in [0, 1)
    public Sgd(int elements, double momentum, boolean nesterov) {
        if (!(momentum >= 0 && momentum < 1)) {
            throw new IllegalArgumentException("SGD: momentum " + momentum + " is not in [0, 1)");
        }
        if (nesterov && momentum == 0) {
            throw new IllegalArgumentException("SGD: Nesterov needs a momentum above 0");
        }
        this.momentum = (float) momentum;
        this.nesterov = nesterov;
        this.velocity = momentum == 0 ? Tensor.zeros(1) : buffer("velocity", elements);
    }

    @Override
    public void step(Kernels kernels, Tensor parameters, Tensor gradients, float gradientScale, float lr) {
        if (gradientScale != 1f) {
            kernels.scale(gradientScale, gradients);
        }
        if (momentum == 0f) {
            kernels.addScaled(-lr, gradients, parameters);
        } else {
            kernels.sgd(parameters, gradients, velocity, lr, momentum, nesterov);
        }
        steps++;
    }
}
