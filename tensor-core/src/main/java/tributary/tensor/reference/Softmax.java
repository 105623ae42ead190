package tributary.tensor.reference;

import tributary.tensor.Tensor;

/// Softmax and its logarithm over the rows of the last axis.
final class Softmax {

    private Softmax() {}

    /// ln sum e^x over the `length` numbers from `start`, without overflow.
    static double logSumExp(Tensor x, int start, int length) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < length; i++) {
            max = Math.max(max, x.get(start + i));
        }
        double sum = 0;
        for (int i = 0; i < length; i++) {
            sum += Math.exp(x.get(start + i) - max);
        }
        return max + Math.log(sum);
    }

    static void softmax(Tensor x, Tensor y) {
        int length = x.shape().last();
        for (int start = 0; start < x.elements(); start += length) {
            double logSumExp = logSumExp(x, start, length);
            for (int i = start; i < start + length; i++) {
                y.set(i, (float) Math.exp(x.get(i) - logSumExp));
            }
        }
    }

    static void softmaxBackward(Tensor y, Tensor dy, boolean accumulate, Tensor dx) {
        int length = y.shape().last();
        for (int start = 0; start < y.elements(); start += length) {
            double dot = 0;
            for (int i = start; i < start + length; i++) {
                dot += (double) dy.get(i) * y.get(i);
            }
            for (int i = start; i < start + length; i++) {
                Elementwise.put(dx, i, accumulate, y.get(i) * (dy.get(i) - dot));
            }
        }
    }

    static void logSoftmax(Tensor x, Tensor y) {
        int length = x.shape().last();
        for (int start = 0; start < x.elements(); start += length) {
            double logSumExp = logSumExp(x, start, length);
            for (int i = start; i < start + length; i++) {
                y.set(i, (float) (x.get(i) - logSumExp));
            }
        }
    }

    static void logSoftmaxBackward(Tensor y, Tensor dy, boolean accumulate, Tensor dx) {
        int length = y.shape().last();
        for (int start = 0; start < y.elements(); start += length) {
            double sum = 0;
            for (int i = start; i < start + length; i++) {
                sum += dy.get(i);
            }
            for (int i = start; i < start + length; i++) {
                Elementwise.put(dx, i, accumulate, dy.get(i) - Math.exp(y.get(i)) * sum);
            }
        }
    }
}
