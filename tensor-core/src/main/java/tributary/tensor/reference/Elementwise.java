package tributary.tensor.reference;

import tributary.tensor.Binary;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;
import tributary.tensor.Unary;
import tributary.tensor.check.DropoutPattern;

/// Element by element, with broadcasting for two operands.
final class Elementwise {

    private Elementwise() {}

    /// Stores a value, or adds it to what is there.
    static void put(Tensor tensor, int index, boolean accumulate, double value) {
        tensor.set(index, (float) (accumulate ? tensor.get(index) + value : value));
    }

    /// Stores values, or adds them to what is there.
    static void putAll(double[] values, boolean accumulate, Tensor tensor) {
        for (int i = 0; i < values.length; i++) {
            put(tensor, i, accumulate, values[i]);
        }
    }

    static void unary(Unary f, Tensor x, Tensor y) {
        for (int i = 0; i < x.elements(); i++) {
            y.set(i, (float) f.value(x.get(i)));
        }
    }

    static void unaryBackward(Unary f, Tensor x, Tensor dy, boolean accumulate, Tensor dx) {
        for (int i = 0; i < x.elements(); i++) {
            put(dx, i, accumulate, f.derivative(x.get(i)) * dy.get(i));
        }
    }

    static void binary(Binary f, Tensor a, Tensor b, Tensor out) {
        for (int i = 0; i < out.elements(); i++) {
            double left = a.get(source(i, out.shape(), a.shape()));
            double right = b.get(source(i, out.shape(), b.shape()));
            out.set(i, (float) f.value(left, right));
        }
    }

    static void binaryBackward(Binary f, boolean first, Tensor a, Tensor b, Tensor dy, boolean accumulate, Tensor gradient) {
        double[] sums = new double[gradient.elements()];
        for (int i = 0; i < dy.elements(); i++) {
            int ia = source(i, dy.shape(), a.shape());
            int ib = source(i, dy.shape(), b.shape());
            double derivative = first ? f.derivativeFirst(a.get(ia), b.get(ib)) : f.derivativeSecond(a.get(ia), b.get(ib));
            sums[first ? ia : ib] += dy.get(i) * derivative;
        }
        putAll(sums, accumulate, gradient);
    }

    /// The element of an operand that was repeated to stand at `index` of the common shape.
    private static int source(int index, Shape common, Shape operand) {
        int rest = index;
        int stride = 1;
        int element = 0;
        for (int axis = 1; axis <= operand.rank(); axis++) {
            int size = operand.size(-axis);
            element += size == 1 ? 0 : rest % size * stride;
            rest /= common.size(-axis);
            stride *= size;
        }
        return element;
    }

    static void addScaled(float alpha, Tensor x, Tensor y) {
        for (int i = 0; i < x.elements(); i++) {
            put(y, i, true, (double) alpha * x.get(i));
        }
    }

    static void scale(float alpha, Tensor x) {
        for (int i = 0; i < x.elements(); i++) {
            x.set(i, alpha * x.get(i));
        }
    }

    static void copy(Tensor x, boolean accumulate, Tensor y) {
        for (int i = 0; i < x.elements(); i++) {
            put(y, i, accumulate, x.get(i));
        }
    }

    static void dropout(Tensor x, float p, long seed, boolean accumulate, Tensor y) {
        int firstKey = DropoutPattern.firstKey(seed);
        int secondKey = DropoutPattern.secondKey(seed);
        int threshold = DropoutPattern.threshold(p);
        double scale = DropoutPattern.keptScale(p);
        for (int i = 0; i < x.elements(); i++) {
            boolean kept = DropoutPattern.keeps(firstKey, secondKey, threshold, i);
            put(y, i, accumulate, kept ? scale * x.get(i) : 0);
        }
    }
}
