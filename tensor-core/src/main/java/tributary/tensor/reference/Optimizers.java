package tributary.tensor.reference;

import tributary.tensor.Tensor;

/// One optimizer step over a range of parameters.
final class Optimizers {

    private Optimizers() {}

    static void adamW(
            Tensor parameters, Tensor gradients, Tensor m, Tensor v, float gradientScale,
            float lr, float beta1, float beta2, float epsilon, float weightDecay, int[] decayed, int step) {
        double firstCorrection = 1 - Math.pow(beta1, step);
        double secondCorrection = 1 - Math.pow(beta2, step);
        for (int i = 0; i < parameters.elements(); i++) {
            double g = (double) gradientScale * gradients.get(i);
            double kept = isIn(decayed, i) ? 1 - (double) lr * weightDecay : 1;
            double first = (double) beta1 * m.get(i) + (1 - (double) beta1) * g;
            double second = (double) beta2 * v.get(i) + (1 - (double) beta2) * g * g;
            m.set(i, (float) first);
            v.set(i, (float) second);
            double update = first / firstCorrection / (Math.sqrt(second / secondCorrection) + epsilon);
            parameters.set(i, (float) (kept * parameters.get(i) - lr * update));
        }
    }

    private static boolean isIn(int[] borders, int index) {
        boolean inside = false;
        for (int border : borders) {
            inside ^= index >= border;
        }
        return inside;
    }

    static void sgd(Tensor parameters, Tensor gradients, Tensor velocity, float lr, float momentum, boolean nesterov) {
        for (int i = 0; i < parameters.elements(); i++) {
            double g = gradients.get(i);
            double speed = (double) momentum * velocity.get(i) + g;
            velocity.set(i, (float) speed);
            parameters.set(i, (float) (parameters.get(i) - lr * (nesterov ? g + momentum * speed : speed)));
        }
    }
}
