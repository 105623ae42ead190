package tributary.tensor.simd;

import org.jspecify.annotations.Nullable;
import tributary.tensor.AttentionLayout;
import tributary.tensor.Binary;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;
import tributary.tensor.Unary;
import tributary.tensor.reference.ReferenceKernels;

/// The kernels on the Vector API and a fixed crew of worker threads.
public final class SimdKernels implements Kernels {
    private final Workers workers;
    private final Gemm gemm;
    private final Attention attention;
    private final Kernels rest = new ReferenceKernels();

    /// @param threads how many threads compute, the caller's among them
    /// @throws IllegalStateException where `-Dtributary.simd` asks for a width this machine does not have
    public SimdKernels(int threads) {
        if (Lanes.REFUSAL != null) {
            throw new IllegalStateException(Lanes.REFUSAL);
        }
        workers = new Workers(threads);
        gemm = new Gemm(workers);
        attention = new Attention(workers);
    }

    @Override
    public String description() {
        return "simd " + (Lanes.SCALAR ? "scalar" : Lanes.F.vectorBitSize() + "-bit") + (Lanes.FMA ? " fma" : "")
                + ", " + threads() + (threads() == 1 ? " thread" : " threads");
    }

    @Override
    public int threads() {
        return workers.threads();
    }

    @Override
    public void close() {
        workers.close();
    }

    @Override
    public void matmul(Tensor a, boolean transposeA, Tensor b, boolean transposeB, @Nullable Tensor bias, boolean accumulate, Tensor c) {
        gemm.multiply(a, transposeA, b, transposeB, bias, accumulate, c);
    }

    @Override
    public void attention(AttentionLayout layout, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp) {
        attention.forward(layout, q, k, v, out, logSumExp);
    }

    @Override
    public void attentionBackward(
            AttentionLayout layout, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp, Tensor dout,
            boolean accumulate, Tensor dq, Tensor dk, Tensor dv) {
        attention.backward(layout, q, k, v, out, logSumExp, dout, accumulate, dq, dk, dv);
    }

    @Override
    public void unary(Unary f, Tensor x, Tensor y) {
        rest.unary(f, x, y);
    }

    @Override
    public void unaryBackward(Unary f, Tensor x, Tensor y, Tensor dy, boolean accumulate, Tensor dx) {
        rest.unaryBackward(f, x, y, dy, accumulate, dx);
    }

    @Override
    public void binary(Binary f, Tensor a, Tensor b, Tensor out) {
        rest.binary(f, a, b, out);
    }

    @Override
    public void binaryBackwardFirst(Binary f, Tensor a, Tensor b, Tensor dy, boolean accumulate, Tensor da) {
        rest.binaryBackwardFirst(f, a, b, dy, accumulate, da);
    }

    @Override
    public void binaryBackwardSecond(Binary f, Tensor a, Tensor b, Tensor dy, boolean accumulate, Tensor db) {
        rest.binaryBackwardSecond(f, a, b, dy, accumulate, db);
    }

    @Override
    public void addScaled(float alpha, Tensor x, Tensor y) {
        rest.addScaled(alpha, x, y);
    }

    @Override
    public void scale(float alpha, Tensor x) {
        rest.scale(alpha, x);
    }

    @Override
    public void copy(Tensor x, boolean accumulate, Tensor y) {
        rest.copy(x, accumulate, y);
    }

    @Override
    public void dropout(Tensor x, float p, long seed, boolean accumulate, Tensor y) {
        rest.dropout(x, p, seed, accumulate, y);
    }

    @Override
    public void sumAxis(Tensor x, int length, int inner, float alpha, boolean accumulate, Tensor out) {
        rest.sumAxis(x, length, inner, alpha, accumulate, out);
    }

    @Override
    public void broadcastAxis(Tensor dout, int length, int inner, float alpha, boolean accumulate, Tensor dx) {
        rest.broadcastAxis(dout, length, inner, alpha, accumulate, dx);
    }

    @Override
    public double squaredNorm(Tensor x) {
        return rest.squaredNorm(x);
    }

    @Override
    public void transpose(Tensor x, int axis1, int axis2, boolean accumulate, Tensor y) {
        rest.transpose(x, axis1, axis2, accumulate, y);
    }

    @Override
    public void softmax(Tensor x, Tensor y) {
        rest.softmax(x, y);
    }

    @Override
    public void softmaxBackward(Tensor y, Tensor dy, boolean accumulate, Tensor dx) {
        rest.softmaxBackward(y, dy, accumulate, dx);
    }

    @Override
    public void logSoftmax(Tensor x, Tensor y) {
        rest.logSoftmax(x, y);
    }

    @Override
    public void logSoftmaxBackward(Tensor y, Tensor dy, boolean accumulate, Tensor dx) {
        rest.logSoftmaxBackward(y, dy, accumulate, dx);
    }

    @Override
    public void layerNorm(Tensor x, Tensor weight, Tensor bias, float epsilon, Tensor y, Tensor mean, Tensor rstd) {
        rest.layerNorm(x, weight, bias, epsilon, y, mean, rstd);
    }

    @Override
    public void layerNormBackward(
            Tensor x, Tensor weight, Tensor mean, Tensor rstd, Tensor dy,
            boolean accumulateX, @Nullable Tensor dx, boolean accumulateParameters, @Nullable Tensor dweight, @Nullable Tensor dbias) {
        rest.layerNormBackward(x, weight, mean, rstd, dy, accumulateX, dx, accumulateParameters, dweight, dbias);
    }

    @Override
    public void rmsNorm(Tensor x, Tensor weight, float epsilon, Tensor y, Tensor rstd) {
        rest.rmsNorm(x, weight, epsilon, y, rstd);
    }

    @Override
    public void rmsNormBackward(
            Tensor x, Tensor weight, Tensor rstd, Tensor dy,
            boolean accumulateX, @Nullable Tensor dx, boolean accumulateWeight, @Nullable Tensor dweight) {
        rest.rmsNormBackward(x, weight, rstd, dy, accumulateX, dx, accumulateWeight, dweight);
    }

    @Override
    public void embedding(Tensor weight, IntTensor ids, Tensor y) {
        rest.embedding(weight, ids, y);
    }

    @Override
    public void embeddingBackward(IntTensor ids, Tensor dy, boolean accumulate, Tensor dweight) {
        rest.embeddingBackward(ids, dy, accumulate, dweight);
    }

    @Override
    public void rope(Tensor x, float base, boolean inverse, boolean accumulate, Tensor y) {
        rest.rope(x, base, inverse, accumulate, y);
    }

    @Override
    public void crossEntropy(Tensor logits, IntTensor targets, int ignoredTarget, Tensor losses, Tensor logSumExp) {
        rest.crossEntropy(logits, targets, ignoredTarget, losses, logSumExp);
    }

    @Override
    public void crossEntropyBackward(
            Tensor logits, IntTensor targets, int ignoredTarget, Tensor logSumExp, float scale, boolean accumulate, Tensor dlogits) {
        rest.crossEntropyBackward(logits, targets, ignoredTarget, logSumExp, scale, accumulate, dlogits);
    }

    @Override
    public void adamW(
            Tensor parameters, Tensor gradients, Tensor m, Tensor v, float gradientScale,
            float lr, float beta1, float beta2, float epsilon, float weightDecay, int step) {
        rest.adamW(parameters, gradients, m, v, gradientScale, lr, beta1, beta2, epsilon, weightDecay, step);
    }

    @Override
    public void sgd(Tensor parameters, Tensor gradients, Tensor velocity, float lr, float momentum, boolean nesterov) {
        rest.sgd(parameters, gradients, velocity, lr, momentum, nesterov);
    }
}
