package tributary.autograd.op;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.autograd.Variable;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;
import tributary.tensor.Workspace;

/// **RMSNorm**  y = w x rstd, over the last axis.   Zhang and Sennrich 2019, arXiv:1910.07467
/// Shapes: x (..., C), weight (C) -> y (..., C); saves rstd = 1 / sqrt(mean(x^2) + epsilon), (R).
/// Gradient: g = w dy;  xhat = x rstd;  dx = rstd (g - xhat mean(g xhat));  dw = sum dy xhat.
public final class RmsNorm implements Op {
    private final Variable x;
    private final Variable weight;
    private final float epsilon;
    private @Nullable Tensor rstd;

    public RmsNorm(Variable x, Variable weight, float epsilon) {
        if (!weight.value().shape().equals(Shape.of(x.value().shape().last()))) {
            throw new IllegalArgumentException(
                    "rmsNorm: weight " + weight.value().shape() + " does not match the last axis of x " + x.value().shape());
        }
        this.x = x;
        this.weight = weight;
        this.epsilon = epsilon;
    }

    @Override
    public List<Variable> inputs() {
        return List.of(x, weight);
    }

    @Override
    public Shape shape() {
        return x.value().shape();
    }

    @Override
    public void reserve(Workspace workspace) {
        rstd = workspace.acquire(Shape.of(x.value().shape().rows()));
    }

    @Override
    public void release(Workspace workspace) {
        workspace.release(rstd);
    }

    @Override
    public void forward(Kernels kernels, Tensor y) {
        kernels.rmsNorm(x.value(), weight.value(), epsilon, y, rstd);
    }

    @Override
    public void backward(Kernels kernels, Variable y) {
        kernels.rmsNormBackward(
                x.value(), weight.value(), rstd, y.gradient(),
                x.needsGradient() && x.accumulate(), x.needsGradient() ? x.gradient() : null,
                weight.needsGradient() && weight.accumulate(), weight.needsGradient() ? weight.gradient() : null);
    }
}
