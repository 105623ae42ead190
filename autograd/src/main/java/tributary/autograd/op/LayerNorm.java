package tributary.autograd.op;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.autograd.Variable;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;
import tributary.tensor.Workspace;

/// **LayerNorm**  y = w (x - mean) rstd + b, over the last axis.   Ba et al. 2016, arXiv:1607.06450
/// Shapes: x (..., C), weight (C), bias (C) -> y (..., C); saves mean and rstd = 1 / sqrt(variance + epsilon), (R).
/// Gradient: g = w dy;  dx = rstd (g - mean(g) - xhat mean(g xhat));  dw = sum dy xhat;  db = sum dy.
public final class LayerNorm implements Op {
    private final Variable x;
    private final Variable weight;
    private final Variable bias;
    private final float epsilon;
    private @Nullable Tensor mean;
    private @Nullable Tensor rstd;

    public LayerNorm(Variable x, Variable weight, Variable bias, float epsilon) {
        Shape last = Shape.of(x.value().shape().last());
        if (!weight.value().shape().equals(last) || !bias.value().shape().equals(last)) {
            throw new IllegalArgumentException("layerNorm: weight " + weight.value().shape() + " or bias " + bias.value().shape()
                    + " does not match the last axis of x " + x.value().shape());
        }
        if (weight.needsGradient() != bias.needsGradient()) {
            throw new IllegalArgumentException("layerNorm: one of weight and bias is a constant; make both leaves or both constants");
        }
        this.x = x;
        this.weight = weight;
        this.bias = bias;
        this.epsilon = epsilon;
    }

    @Override
    public List<Variable> inputs() {
        return List.of(x, weight, bias);
    }

    @Override
    public Shape shape() {
        return x.value().shape();
    }

    @Override
    public void reserve(Workspace workspace) {
        mean = workspace.acquire(Shape.of(x.value().shape().rows()));
        rstd = workspace.acquire(Shape.of(x.value().shape().rows()));
    }

    @Override
    public void release(Workspace workspace) {
        workspace.release(mean);
        workspace.release(rstd);
    }

    @Override
    public void forward(Kernels kernels, Tensor y) {
        kernels.layerNorm(x.value(), weight.value(), bias.value(), epsilon, y, mean, rstd);
    }

    @Override
    public void backward(Kernels kernels, Variable y) {
        boolean parameters = weight.needsGradient();
        boolean addWeight = parameters && weight.accumulate();
        boolean addBias = parameters && bias.accumulate();
        if (addWeight != addBias) { // the kernel adds to both or to neither
            (addWeight ? bias : weight).gradient().fill(0f);
        }
        kernels.layerNormBackward(
                x.value(), weight.value(), mean, rstd, y.gradient(),
                x.needsGradient() && x.accumulate(), x.needsGradient() ? x.gradient() : null,
                addWeight || addBias, parameters ? weight.gradient() : null, parameters ? bias.gradient() : null);
    }
}
