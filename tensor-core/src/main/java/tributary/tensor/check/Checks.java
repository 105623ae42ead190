package tributary.tensor.check;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tributary.tensor.AttentionLayout;
import tributary.tensor.IntTensor;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;
import tributary.tensor.Unary;

/// The checks at the door of every kernel, one method a kernel or a family. A shape that does not fit throws an
/// [IllegalArgumentException] that names the kernel, the operands and their shapes. A check that passes allocates nothing.
public final class Checks {

    private Checks() {}

    public static void matmul(Tensor a, boolean transposeA, Tensor b, boolean transposeB, @Nullable Tensor bias, Tensor c) {
        Shape left = a.shape();
        Shape right = b.shape();
        int rank = left.rank();
        boolean fits = rank >= 2 && right.rank() == rank && c.shape().rank() == rank;
        for (int axis = 0; fits && axis < rank - 2; axis++) {
            fits = left.size(axis) == right.size(axis) && left.size(axis) == c.shape().size(axis);
        }
        fits = fits
                && left.size(transposeA ? -2 : -1) == right.size(transposeB ? -1 : -2)
                && left.size(transposeA ? -1 : -2) == c.shape().size(-2)
                && right.size(transposeB ? -2 : -1) == c.shape().size(-1);
        if (!fits) {
            throw new IllegalArgumentException("matmul: a " + left + (transposeA ? " transposed" : "") + " times b " + right
                    + (transposeB ? " transposed" : "") + " does not give c " + c.shape());
        }
        if (bias != null) {
            parameter("matmul", "bias", bias, "c", c);
        }
    }

    /// A function whose derivative is taken from its argument alone.
    ///
    /// @throws IllegalArgumentException where f's derivative is taken from its value
    public static void derivativeFromArgument(String kernel, Unary f) {
        if (f == Unary.EXP || f == Unary.TANH || f == Unary.SIGMOID) {
            throw new IllegalArgumentException(
                    kernel + ": the derivative of " + f + " is taken from its value; use matmul and unaryBackward");
        }
    }

    /// Two operands of one shape.
    public static void sameShape(String kernel, String firstName, Tensor first, String secondName, Tensor second) {
        if (!first.shape().equals(second.shape())) {
            throw new IllegalArgumentException(
                    kernel + ": " + secondName + " " + second.shape() + " does not have the shape of " + firstName + " " + first.shape());
        }
    }

    /// Two operands of as many elements, whatever their shapes.
    public static void sameElements(String kernel, String firstName, Tensor first, String secondName, Tensor second) {
        if (first.elements() != second.elements()) {
            throw new IllegalArgumentException(kernel + ": " + secondName + " " + second.shape() + " does not have as many elements as "
                    + firstName + " " + first.shape());
        }
    }

    /// A vector as long as the last axis of x.
    public static void parameter(String kernel, String name, Tensor parameter, String xName, Tensor x) {
        if (parameter.shape().rank() != 1 || parameter.elements() != x.shape().last()) {
            throw new IllegalArgumentException(
                    kernel + ": " + name + " " + parameter.shape() + " does not match the last axis of " + xName + " " + x.shape());
        }
    }

    /// One number for each row of the last axis of x.
    public static void onePerRow(String kernel, String name, Tensor perRow, String xName, Tensor x) {
        if (perRow.elements() != x.shape().rows()) {
            throw new IllegalArgumentException(kernel + ": " + name + " " + perRow.shape() + " does not hold one number for each of the "
                    + x.shape().rows() + " rows of " + xName + " " + x.shape());
        }
    }

    public static void binary(Tensor a, Tensor b, Tensor out) {
        Shape left = a.shape();
        Shape right = b.shape();
        int rank = out.shape().rank();
        boolean fits = rank == Math.max(left.rank(), right.rank());
        for (int i = 1; fits && i <= rank; i++) {
            int p = i <= left.rank() ? left.size(-i) : 1;
            int q = i <= right.rank() ? right.size(-i) : 1;
            fits = (p == q || p == 1 || q == 1) && out.shape().size(-i) == Math.max(p, q);
        }
        if (!fits) {
            throw new IllegalArgumentException("binary: a " + left + " and b " + right + " do not broadcast to " + out.shape());
        }
    }

    public static void dropout(Tensor x, float p, Tensor y) {
        sameShape("dropout", "x", x, "y", y);
        if (!(p >= 0 && p < 1)) {
            throw new IllegalArgumentException("dropout: p " + p + " is not in [0, 1)");
        }
    }

    /// A sum over the middle axis of (outer, length, inner): `whole` has it, `reduced` lacks it.
    public static void axis(String kernel, Tensor whole, int length, int inner, Tensor reduced) {
        if (length < 1 || inner < 1 || reduced.elements() % inner != 0 || (long) reduced.elements() * length != whole.elements()) {
            throw new IllegalArgumentException(kernel + ": " + whole.shape() + " is not " + reduced.shape() + " times an axis of " + length
                    + " before " + inner + " inner elements");
        }
    }

    public static void transpose(Tensor x, int axis1, int axis2, Tensor y) {
        int rank = x.shape().rank();
        boolean fits = axis1 >= 0 && axis1 < rank && axis2 >= 0 && axis2 < rank && y.shape().rank() == rank;
        for (int axis = 0; fits && axis < rank; axis++) {
            int from = axis == axis1 ? axis2 : axis == axis2 ? axis1 : axis;
            fits = y.shape().size(axis) == x.shape().size(from);
        }
        if (!fits) {
            throw new IllegalArgumentException(
                    "transpose: y " + y.shape() + " is not x " + x.shape() + " with axes " + axis1 + " and " + axis2 + " exchanged");
        }
    }

    public static void layerNorm(Tensor x, Tensor weight, Tensor bias, Tensor y, Tensor mean, Tensor rstd) {
        sameShape("layerNorm", "x", x, "y", y);
        parameter("layerNorm", "weight", weight, "x", x);
        parameter("layerNorm", "bias", bias, "x", x);
        onePerRow("layerNorm", "mean", mean, "x", x);
        onePerRow("layerNorm", "rstd", rstd, "x", x);
    }

    public static void layerNormBackward(
            Tensor x, Tensor weight, Tensor mean, Tensor rstd, Tensor dy,
            @Nullable Tensor dx, @Nullable Tensor dweight, @Nullable Tensor dbias) {
        sameShape("layerNormBackward", "x", x, "dy", dy);
        parameter("layerNormBackward", "weight", weight, "x", x);
        onePerRow("layerNormBackward", "mean", mean, "x", x);
        onePerRow("layerNormBackward", "rstd", rstd, "x", x);
        if (dx != null) {
            sameShape("layerNormBackward", "x", x, "dx", dx);
        }
        if ((dweight == null) != (dbias == null)) {
            throw new IllegalArgumentException("layerNormBackward: dweight and dbias go together; pass both or neither");
        }
        if (dweight != null && dbias != null) {
            parameter("layerNormBackward", "dweight", dweight, "x", x);
            parameter("layerNormBackward", "dbias", dbias, "x", x);
        }
    }

    public static void rmsNorm(Tensor x, Tensor weight, Tensor y, Tensor rstd) {
        sameShape("rmsNorm", "x", x, "y", y);
        parameter("rmsNorm", "weight", weight, "x", x);
        onePerRow("rmsNorm", "rstd", rstd, "x", x);
    }

    public static void rmsNormBackward(Tensor x, Tensor weight, Tensor rstd, Tensor dy, @Nullable Tensor dx, @Nullable Tensor dweight) {
        sameShape("rmsNormBackward", "x", x, "dy", dy);
        parameter("rmsNormBackward", "weight", weight, "x", x);
        onePerRow("rmsNormBackward", "rstd", rstd, "x", x);
        if (dx != null) {
            sameShape("rmsNormBackward", "x", x, "dx", dx);
        }
        if (dweight != null) {
            parameter("rmsNormBackward", "dweight", dweight, "x", x);
        }
    }

    /// `rows` (..., C) holds one row of `weight` (V, C) for each id, and every id is in [0, V).
    public static void embedding(String kernel, Tensor weight, IntTensor ids, Tensor rows) {
        Shape table = weight.shape();
        if (table.rank() != 2 || rows.shape().last() != table.last() || rows.shape().rows() != ids.elements()) {
            throw new IllegalArgumentException(
                    kernel + ": weight " + table + " (V, C) and ids " + ids.shape() + " do not give " + rows.shape());
        }
        int vocabulary = table.size(0);
        int[] array = ids.array();
        for (int i = 0; i < array.length; i++) {
            if (array[i] < 0 || array[i] >= vocabulary) {
                throw new IllegalArgumentException(kernel + ": id " + array[i] + " at place " + i + " is not in [0, " + vocabulary + ")");
            }
        }
    }

    public static void attention(AttentionLayout layout, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp) {
        operand("attention", "q", layout, layout.heads(), layout.query(), q);
        operand("attention", "k", layout, layout.keyHeads(), layout.key(), k);
        operand("attention", "v", layout, layout.keyHeads(), layout.value(), v);
        operand("attention", "out", layout, layout.heads(), layout.output(), out);
        logSumExp("attention", layout, logSumExp);
    }

    public static void attentionBackward(
            AttentionLayout layout, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp, Tensor dout,
            Tensor dq, Tensor dk, Tensor dv) {
        attention(layout, q, k, v, out, logSumExp);
        sameElements("attentionBackward", "out", out, "dout", dout);
        sameElements("attentionBackward", "q", q, "dq", dq);
        sameElements("attentionBackward", "k", k, "dk", dk);
        sameElements("attentionBackward", "v", v, "dv", dv);
    }

    private static void operand(String kernel, String name, AttentionLayout layout, int heads, AttentionLayout.Rows rows, Tensor tensor) {
        long last = rows.base() + (layout.batch() - 1L) * rows.batchStride() + (heads - 1L) * rows.headStride()
                + (layout.length() - 1L) * rows.rowStride() + layout.headSize();
        if (last > tensor.elements()) {
            throw new IllegalArgumentException(kernel + ": " + name + " " + tensor.shape() + " is too small for " + layout);
        }
    }

    private static void logSumExp(String kernel, AttentionLayout layout, Tensor logSumExp) {
        if (logSumExp.elements() != (long) layout.batch() * layout.heads() * layout.length()) {
            throw new IllegalArgumentException(kernel + ": logSumExp " + logSumExp.shape() + " is not (" + layout.batch() + ", "
                    + layout.heads() + ", " + layout.length() + ")");
        }
    }

    public static void cachedAttention(int position, Tensor qkv, Tensor keys, Tensor values, Tensor out) {
        sameShape("cachedAttention", "keys", keys, "values", values);
        Shape cache = keys.shape();
        boolean fits = cache.rank() == 3 && qkv.shape().rank() == 2 && out.shape().rank() == 2
                && qkv.shape().size(0) == out.shape().size(0)
                && qkv.shape().last() == out.shape().last() + 2 * cache.size(0) * cache.last()
                && out.shape().last() % (cache.size(0) * cache.last()) == 0;
        if (!fits) {
            throw new IllegalArgumentException("cachedAttention: qkv " + qkv.shape() + " (N, (nh + 2 kv) hs) and keys " + cache
                    + " (kv, T, hs) do not give out " + out.shape() + " (N, nh hs)");
        }
        if (position < 0 || position > cache.size(1) - qkv.shape().size(0)) {
            throw new IllegalArgumentException("cachedAttention: " + qkv.shape().size(0) + " new positions from position " + position
                    + " do not fit keys " + cache + " (kv, T, hs)");
        }
    }

    public static void rope(Tensor x, Tensor y) {
        sameShape("rope", "x", x, "y", y);
        if (x.shape().rank() < 2 || x.shape().last() % 2 != 0) {
            throw new IllegalArgumentException("rope: x " + x.shape() + " is not (..., T, hs) with an even head size hs");
        }
    }

    /// One target for each row of the logits, in [0, V) or ignored.
    public static void crossEntropy(String kernel, Tensor logits, IntTensor targets, int ignoredTarget, Tensor logSumExp) {
        int vocabulary = logits.shape().last();
        if (targets.elements() != logits.shape().rows()) {
            throw new IllegalArgumentException(
                    kernel + ": targets " + targets.shape() + " do not hold one id for each row of logits " + logits.shape());
        }
        onePerRow(kernel, "logSumExp", logSumExp, "logits", logits);
        int[] array = targets.array();
        for (int i = 0; i < array.length; i++) {
            if ((array[i] < 0 || array[i] >= vocabulary) && array[i] != ignoredTarget) {
                throw new IllegalArgumentException(kernel + ": target " + array[i] + " at place " + i + " is neither in [0, " + vocabulary
                        + ") nor the ignored " + ignoredTarget);
            }
        }
    }

    public static void adamW(Tensor parameters, Tensor gradients, Tensor m, Tensor v, int[] decayed, int step) {
        sameElements("adamW", "parameters", parameters, "gradients", gradients);
        sameElements("adamW", "parameters", parameters, "m", m);
        sameElements("adamW", "parameters", parameters, "v", v);
        if (step < 1) {
            throw new IllegalArgumentException("adamW: step " + step + ", the first step is 1");
        }
        boolean ascending = decayed.length % 2 == 0;
        int last = -1;
        for (int border : decayed) {
            ascending &= border > last;
            last = border;
        }
        if (!ascending || last > parameters.elements()) {
            throw new IllegalArgumentException("adamW: the borders of the decayed ranges " + Arrays.toString(decayed)
                    + " are not pairs that ascend from 0 to the " + parameters.elements() + " parameters");
        }
    }

    public static void sgd(Tensor parameters, Tensor gradients, Tensor velocity) {
        sameElements("sgd", "parameters", parameters, "gradients", gradients);
        sameElements("sgd", "parameters", parameters, "velocity", velocity);
    }
}
