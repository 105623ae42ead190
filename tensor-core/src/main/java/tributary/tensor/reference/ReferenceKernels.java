package tributary.tensor.reference;

import java.util.Collections;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import tributary.tensor.AttentionLayout;
import tributary.tensor.Binary;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;
import tributary.tensor.Unary;
import tributary.tensor.check.Checks;

/// The definition of every kernel: plain loops on one thread that read like the formulas of [Kernels]. Numbers are read
/// as float32, every sum and product is float64, and each result is rounded once, when it is stored. Scratch memory is
/// allocated as it comes: this backend judges the fast ones and is never one itself.
public final class ReferenceKernels implements Kernels {

    @Override
    public String description() {
        return "reference loops in float64, 1 thread";
    }

    @Override
    public int threads() {
        return 1;
    }

    @Override
    public List<Kernels> shares(int count) {
        return Collections.nCopies(count, this);
    }

    @Override
    public void together(int count, IntConsumer work) {
        for (int piece = 0; piece < count; piece++) {
            work.accept(piece);
        }
    }

    /// Nothing to end: there are no worker threads.
    @Override
    public void close() {}

    @Override
    public void matmul(Tensor a, boolean transposeA, Tensor b, boolean transposeB, @Nullable Tensor bias, boolean accumulate, Tensor c) {
        Checks.matmul(a, transposeA, b, transposeB, bias, c);
        MatrixProduct.matmul(a, transposeA, b, transposeB, bias, accumulate, c);
    }

    @Override
    public void matmulAdd(
            Tensor a, boolean transposeA, Tensor b, boolean transposeB, @Nullable Tensor bias, Tensor addend, Tensor c) {
        Checks.sameShape("matmulAdd", "c", c, "addend", addend);
        matmul(a, transposeA, b, transposeB, bias, false, c);
        binary(Binary.ADD, c, addend, c);
    }

    @Override
    public void matmulUnary(
            Unary f, Tensor a, boolean transposeA, Tensor b, boolean transposeB, @Nullable Tensor bias, Tensor x, Tensor y) {
        Checks.sameShape("matmulUnary", "x", x, "y", y);
        matmul(a, transposeA, b, transposeB, bias, false, x);
        unary(f, x, y);
    }

    @Override
    public void matmulUnaryBackward(Unary f, Tensor a, boolean transposeA, Tensor b, boolean transposeB, Tensor x, Tensor dx) {
        Checks.derivativeFromArgument("matmulUnaryBackward", f);
        Checks.sameShape("matmulUnaryBackward", "dx", dx, "x", x);
        matmul(a, transposeA, b, transposeB, null, false, dx);
        unaryBackward(f, x, x, dx, false, dx);
    }

    @Override
    public void unary(Unary f, Tensor x, Tensor y) {
        Checks.sameShape("unary", "x", x, "y", y);
        Elementwise.unary(f, x, y);
    }

    @Override
    public void unaryBackward(Unary f, Tensor x, Tensor y, Tensor dy, boolean accumulate, Tensor dx) {
        Checks.sameShape("unaryBackward", "x", x, "y", y);
        Checks.sameShape("unaryBackward", "x", x, "dy", dy);
        Checks.sameShape("unaryBackward", "x", x, "dx", dx);
        Elementwise.unaryBackward(f, x, dy, accumulate, dx);
    }

    @Override
    public void binary(Binary f, Tensor a, Tensor b, Tensor out) {
        Checks.binary(a, b, out);
        Elementwise.binary(f, a, b, out);
    }

    @Override
    public void binaryBackwardFirst(Binary f, Tensor a, Tensor b, Tensor dy, boolean accumulate, Tensor da) {
        Checks.binary(a, b, dy);
        Checks.sameShape("binaryBackwardFirst", "a", a, "da", da);
        Elementwise.binaryBackward(f, true, a, b, dy, accumulate, da);
    }

    @Override
    public void binaryBackwardSecond(Binary f, Tensor a, Tensor b, Tensor dy, boolean accumulate, Tensor db) {
        Checks.binary(a, b, dy);
        Checks.sameShape("binaryBackwardSecond", "b", b, "db", db);
        Elementwise.binaryBackward(f, false, a, b, dy, accumulate, db);
    }

    @Override
    public void addScaled(float alpha, Tensor x, Tensor y) {
        Checks.sameElements("addScaled", "x", x, "y", y);
        Elementwise.addScaled(alpha, x, y);
    }

    @Override
    public void scale(float alpha, Tensor x) {
        Elementwise.scale(alpha, x);
    }

    @Override
    public void copy(Tensor x, boolean accumulate, Tensor y) {
        Checks.sameElements("copy", "x", x, "y", y);
        Elementwise.copy(x, accumulate, y);
    }

    @Override
    public void dropout(Tensor x, float p, long seed, boolean accumulate, Tensor y) {
        Checks.dropout(x, p, y);
        Elementwise.dropout(x, p, seed, accumulate, y);
    }

    @Override
    public void sumAxis(Tensor x, int length, int inner, float alpha, boolean accumulate, Tensor out) {
        Checks.axis("sumAxis", x, length, inner, out);
        Axes.sum(x, length, inner, alpha, accumulate, out);
    }

    @Override
    public void broadcastAxis(Tensor dout, int length, int inner, float alpha, boolean accumulate, Tensor dx) {
        Checks.axis("broadcastAxis", dx, length, inner, dout);
        Axes.broadcast(dout, length, inner, alpha, accumulate, dx);
    }

    @Override
    public double squaredNorm(Tensor x) {
        return Axes.squaredNorm(x);
    }

    @Override
    public void transpose(Tensor x, int axis1, int axis2, boolean accumulate, Tensor y) {
        Checks.transpose(x, axis1, axis2, y);
        Axes.transpose(x, axis1, axis2, accumulate, y);
    }

    @Override
    public void softmax(Tensor x, Tensor y) {
        Checks.sameShape("softmax", "x", x, "y", y);
        Softmax.softmax(x, y);
    }

    @Override
    public void softmaxBackward(Tensor y, Tensor dy, boolean accumulate, Tensor dx) {
        Checks.sameShape("softmaxBackward", "y", y, "dy", dy);
        Checks.sameShape("softmaxBackward", "y", y, "dx", dx);
        Softmax.softmaxBackward(y, dy, accumulate, dx);
    }

    @Override
    public void logSoftmax(Tensor x, Tensor y) {
        Checks.sameShape("logSoftmax", "x", x, "y", y);
        Softmax.logSoftmax(x, y);
    }

    @Override
    public void logSoftmaxBackward(Tensor y, Tensor dy, boolean accumulate, Tensor dx) {
        Checks.sameShape("logSoftmaxBackward", "y", y, "dy", dy);
        Checks.sameShape("logSoftmaxBackward", "y", y, "dx", dx);
        Softmax.logSoftmaxBackward(y, dy, accumulate, dx);
    }

    @Override
    public void layerNorm(Tensor x, Tensor weight, Tensor bias, float epsilon, Tensor y, Tensor mean, Tensor rstd) {
        Checks.layerNorm(x, weight, bias, y, mean, rstd);
        Normalization.layerNorm(x, weight, bias, epsilon, y, mean, rstd);
    }

    @Override
    public void layerNormBackward(
            Tensor x, Tensor weight, Tensor mean, Tensor rstd, Tensor dy,
            boolean accumulateX, @Nullable Tensor dx, boolean accumulateParameters, @Nullable Tensor dweight, @Nullable Tensor dbias) {
        Checks.layerNormBackward(x, weight, mean, rstd, dy, dx, dweight, dbias);
        Normalization.layerNormBackward(x, weight, mean, rstd, dy, accumulateX, dx, accumulateParameters, dweight, dbias);
    }

    @Override
    public void rmsNorm(Tensor x, Tensor weight, float epsilon, Tensor y, Tensor rstd) {
        Checks.rmsNorm(x, weight, y, rstd);
        Normalization.rmsNorm(x, weight, epsilon, y, rstd);
    }

    @Override
    public void rmsNormBackward(
            Tensor x, Tensor weight, Tensor rstd, Tensor dy,
            boolean accumulateX, @Nullable Tensor dx, boolean accumulateWeight, @Nullable Tensor dweight) {
        Checks.rmsNormBackward(x, weight, rstd, dy, dx, dweight);
        Normalization.rmsNormBackward(x, weight, rstd, dy, accumulateX, dx, accumulateWeight, dweight);
    }

    @Override
    public void embedding(Tensor weight, IntTensor ids, Tensor y) {
        Checks.embedding("embedding", weight, ids, y);
        Language.embedding(weight, ids, y);
    }

    @Override
    public void embeddingBackward(IntTensor ids, Tensor dy, boolean accumulate, Tensor dweight) {
        Checks.embedding("embeddingBackward", dweight, ids, dy);
        Language.embeddingBackward(ids, dy, accumulate, dweight);
    }

    @Override
    public void attention(AttentionLayout layout, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp) {
        Checks.attention(layout, q, k, v, out, logSumExp);
        Attention.forward(layout, q, k, v, out, logSumExp);
    }

    @Override
    public void cachedAttention(int position, Tensor qkv, Tensor keys, Tensor values, Tensor out) {
        Checks.cachedAttention(position, qkv, keys, values, out);
        Attention.cached(position, qkv, keys, values, out);
    }

    @Override
    public void attentionBackward(
            AttentionLayout layout, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp, Tensor dout,
            boolean accumulate, Tensor dq, Tensor dk, Tensor dv) {
        Checks.attentionBackward(layout, q, k, v, out, logSumExp, dout, dq, dk, dv);
        Attention.backward(layout, q, k, v, dout, accumulate, dq, dk, dv);
    }

    @Override
    public void rope(Tensor x, float base, boolean inverse, boolean accumulate, Tensor y) {
        Checks.rope(x, y);
        Language.rope(x, base, inverse, accumulate, y);
    }

    @Override
    public void crossEntropy(Tensor logits, IntTensor targets, int ignoredTarget, Tensor losses, Tensor logSumExp) {
        Checks.crossEntropy("crossEntropy", logits, targets, ignoredTarget, logSumExp);
        Checks.onePerRow("crossEntropy", "losses", losses, "logits", logits);
        Language.crossEntropy(logits, targets, ignoredTarget, losses, logSumExp);
    }

    @Override
    public void crossEntropyBackward(
            Tensor logits, IntTensor targets, int ignoredTarget, Tensor logSumExp, float scale, boolean accumulate, Tensor dlogits) {
        Checks.crossEntropy("crossEntropyBackward", logits, targets, ignoredTarget, logSumExp);
        Checks.sameShape("crossEntropyBackward", "logits", logits, "dlogits", dlogits);
        Language.crossEntropyBackward(logits, targets, ignoredTarget, scale, accumulate, dlogits);
    }

    @Override
    public void adamW(
            Tensor parameters, Tensor gradients, Tensor m, Tensor v, float gradientScale,
            float lr, float beta1, float beta2, float epsilon, float weightDecay, int[] decayed, int step) {
        Checks.adamW(parameters, gradients, m, v, decayed, step);
        Optimizers.adamW(parameters, gradients, m, v, gradientScale, lr, beta1, beta2, epsilon, weightDecay, decayed, step);
    }

    @Override
    public void sgd(Tensor parameters, Tensor gradients, Tensor velocity, float lr, float momentum, boolean nesterov) {
        Checks.sgd(parameters, gradients, velocity);
        Optimizers.sgd(parameters, gradients, velocity, lr, momentum, nesterov);
    }
}
