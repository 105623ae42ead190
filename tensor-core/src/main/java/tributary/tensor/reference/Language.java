package tributary.tensor.reference;

import tributary.tensor.IntTensor;
import tributary.tensor.Tensor;

/// Embeddings, rotary positions and the cross-entropy over the vocabulary.
final class Language {

    private Language() {}

    static void embedding(Tensor weight, IntTensor ids, Tensor y) {
        int width = weight.shape().last();
        for (int i = 0; i < ids.elements(); i++) {
            for (int c = 0; c < width; c++) {
                y.set(i * width + c, weight.get(ids.array()[i] * width + c));
            }
        }
    }

    static void embeddingBackward(IntTensor ids, Tensor dy, boolean accumulate, Tensor dweight) {
        int width = dweight.shape().last();
        double[] sums = new double[dweight.elements()];
        for (int i = 0; i < ids.elements(); i++) {
            for (int c = 0; c < width; c++) {
                sums[ids.array()[i] * width + c] += dy.get(i * width + c);
            }
        }
        Elementwise.putAll(sums, accumulate, dweight);
    }

    static void rope(Tensor x, float base, boolean inverse, boolean accumulate, Tensor y) {
        int hs = x.shape().last();
        int length = x.shape().size(-2);
        for (int row = 0; row < x.shape().rows(); row++) {
            int position = row % length;
            for (int i = 0; i < hs / 2; i++) {
                double angle = position * Math.pow(base, -2.0 * i / hs);
                double cos = Math.cos(angle);
                double sin = inverse ? -Math.sin(angle) : Math.sin(angle);
                double first = x.get(row * hs + i);
                double second = x.get(row * hs + i + hs / 2);
                Elementwise.put(y, row * hs + i, accumulate, first * cos - second * sin);
                Elementwise.put(y, row * hs + i + hs / 2, accumulate, second * cos + first * sin);
            }
        }
    }

    static void crossEntropy(Tensor logits, IntTensor targets, int ignoredTarget, Tensor losses, Tensor logSumExp) {
        int vocabulary = logits.shape().last();
        for (int row = 0; row < logits.shape().rows(); row++) {
            int target = targets.array()[row];
            double denominator = Softmax.logSumExp(logits, row * vocabulary, vocabulary);
            logSumExp.set(row, (float) denominator);
            losses.set(row, target == ignoredTarget ? 0 : (float) (denominator - logits.get(row * vocabulary + target)));
        }
    }

    static void crossEntropyBackward(
            Tensor logits, IntTensor targets, int ignoredTarget, float scale, boolean accumulate, Tensor dlogits) {
        int vocabulary = logits.shape().last();
        for (int row = 0; row < logits.shape().rows(); row++) {
            int target = targets.array()[row];
            double denominator = Softmax.logSumExp(logits, row * vocabulary, vocabulary);
            for (int v = 0; v < vocabulary; v++) {
                double onehot = v == target ? 1 : 0;
                double gradient = scale * (Math.exp(logits.get(row * vocabulary + v) - denominator) - onehot);
                Elementwise.put(dlogits, row * vocabulary + v, accumulate, target == ignoredTarget ? 0 : gradient);
            }
        }
    }
}
