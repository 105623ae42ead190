package tributary.tensor.simd;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntConsumer;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;
import tributary.tensor.AttentionLayout;
import tributary.tensor.Binary;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;
import tributary.tensor.SimdSupport;
import tributary.tensor.Tensor;
import tributary.tensor.Unary;
import tributary.tensor.check.Checks;

/// The kernels on the Vector API and a fixed crew of worker threads.
public final class SimdKernels implements Kernels {
    private final Workers workers;
    private final Gemm gemm;
    private final Attention attention;
    private final CachedAttention cachedAttention;
    private final UnaryForward[] unary = new UnaryForward[Unary.values().length];
    private final UnaryBackward[] unaryBackward = new UnaryBackward[Unary.values().length];
    private final BinaryForward binary;
    private final BinaryBackward binaryBackward;
    private final AddScaled addScaled;
    private final Dropout dropout;
    private final SumAxis sumAxis;
    private final BroadcastAxis broadcastAxis;
    private final SquaredNorm squaredNorm;
    private final Transpose transpose;
    private final RowSoftmax softmax;
    private final RowLogSoftmax logSoftmax;
    private final Normalization normalization;
    private final Embeddings embeddings;
    private final Rope rope;
    private final CrossEntropy crossEntropy;
    private final Optimizers optimizers;
    private final List<Kernels> shares = new ArrayList<>();
    private IntConsumer together = piece -> {};
    private final Workers.Task piece = (part, worker) -> together.accept(part);

    /// @param threads how many threads compute, the caller's among them
    /// @throws IllegalStateException where `-Dtributary.simd` asks for a width this machine does not have
    public SimdKernels(int threads) {
        if (Lanes.REFUSAL != null) {
            throw new IllegalStateException(Lanes.REFUSAL);
        }
        workers = new Workers(threads);
        gemm = new Gemm(workers, Gemm.PACKED);
        attention = new Attention(workers);
        cachedAttention = new CachedAttention(workers, attention);
        for (Unary f : Unary.values()) {
            unary[f.ordinal()] = UnaryForward.of(f, workers);
            unaryBackward[f.ordinal()] = UnaryBackward.of(f, workers);
        }
        binary = new BinaryForward(workers);
        binaryBackward = new BinaryBackward(workers);
        addScaled = new AddScaled(workers);
        dropout = new Dropout(workers);
        sumAxis = new SumAxis(workers);
        broadcastAxis = new BroadcastAxis(workers);
        squaredNorm = new SquaredNorm(workers);
        transpose = new Transpose(workers);
        softmax = new RowSoftmax(workers);
        logSoftmax = new RowLogSoftmax(workers);
        normalization = new Normalization(workers);
        embeddings = new Embeddings(workers);
        rope = new Rope(workers);
        crossEntropy = new CrossEntropy(workers);
        optimizers = new Optimizers(workers);
    }

    /// What this JVM computes with, and what is slow and what mends it.
    public static SimdSupport support() {
        List<String> remarks = new ArrayList<>();
        if (Lanes.REFUSAL != null) {
            remarks.add(Lanes.REFUSAL);
        }
        if (!Lanes.COMPILED) {
            remarks.add("the optimizing compiler is off, so every kernel is slow; lift -Xint, -XX:TieredStopAtLevel and"
                    + " -XX:-EnableVectorSupport, or use a JDK with HotSpot's C2");
        }
        if (!Lanes.FMA || !Lanes.MASKS) {
            remarks.add("vectors need fused multiply-add and, on x86, AVX; without them plain loops compute, several times slower");
        }
        for (String flag : List.of("UseAVX", "MaxVectorSize", "UseFMA")) {
            if (Lanes.isSet(flag)) {
                remarks.add("-XX:" + flag + " is set and may narrow the vectors; leave it out");
            }
        }
        int widest = FloatVector.SPECIES_PREFERRED.vectorBitSize();
        if (Lanes.COMPILED && Lanes.REFUSAL == null && (Lanes.SCALAR ? Lanes.FMA && Lanes.MASKS : Lanes.F.vectorBitSize() < widest)) {
            remarks.add("-Dtributary.simd is set, but this JVM has vectors of " + widest + " bits; leave it out");
        }
        return new SimdSupport(Lanes.SCALAR ? 32 : Lanes.F.vectorBitSize(), Lanes.FMA, Lanes.SCALAR, remarks);
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
    public List<Kernels> shares(int count) {
        if (threads() == 1) {
            return Collections.nCopies(count, this);
        }
        List<Kernels> made = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            made.add(new SimdKernels(Math.max(1, threads() * (i + 1) / count - threads() * i / count)));
        }
        shares.addAll(made);
        return made;
    }

    @Override
    public void together(int count, IntConsumer work) {
        together = work;
        workers.run(count, piece);
    }

    @Override
    public void close() {
        workers.close();
        shares.forEach(Kernels::close);
    }

    @Override
    public void matmul(Tensor a, boolean transposeA, Tensor b, boolean transposeB, @Nullable Tensor bias, boolean accumulate, Tensor c) {
        gemm.multiply(a, transposeA, b, transposeB, bias, accumulate, c, null);
    }

    @Override
    public void matmulAdd(
            Tensor a, boolean transposeA, Tensor b, boolean transposeB, @Nullable Tensor bias, Tensor addend, Tensor c) {
        Checks.sameShape("matmulAdd", "c", c, "addend", addend);
        addScaled.set(1f, addend, true, c);
        gemm.multiply(a, transposeA, b, transposeB, bias, false, c, addScaled);
        addScaled.clear();
    }

    @Override
    public void matmulUnary(
            Unary f, Tensor a, boolean transposeA, Tensor b, boolean transposeB, @Nullable Tensor bias, Tensor x, Tensor y) {
        Checks.sameShape("matmulUnary", "x", x, "y", y);
        UnaryForward forward = unary[f.ordinal()];
        forward.set(x, y);
        gemm.multiply(a, transposeA, b, transposeB, bias, false, x, forward);
        forward.clear();
    }

    @Override
    public void matmulUnaryBackward(Unary f, Tensor a, boolean transposeA, Tensor b, boolean transposeB, Tensor x, Tensor dx) {
        Checks.derivativeFromArgument("matmulUnaryBackward", f);
        Checks.sameShape("matmulUnaryBackward", "dx", dx, "x", x);
        UnaryBackward backward = unaryBackward[f.ordinal()];
        backward.set(x, x, dx, false, dx);
        gemm.multiply(a, transposeA, b, transposeB, null, false, dx, backward);
        backward.clear();
    }

    @Override
    public void attention(AttentionLayout layout, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp) {
        attention.forward(layout, q, k, v, out, logSumExp);
    }

    @Override
    public void cachedAttention(int position, Tensor qkv, Tensor keys, Tensor values, Tensor out) {
        Checks.cachedAttention(position, qkv, keys, values, out);
        cachedAttention.apply(position, qkv, keys, values, out);
    }

    @Override
    public void attentionBackward(
            AttentionLayout layout, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp, Tensor dout,
            boolean accumulate, Tensor dq, Tensor dk, Tensor dv) {
        attention.backward(layout, q, k, v, out, logSumExp, dout, accumulate, dq, dk, dv);
    }

    @Override
    public void unary(Unary f, Tensor x, Tensor y) {
        Checks.sameShape("unary", "x", x, "y", y);
        unary[f.ordinal()].apply(x, y);
    }

    @Override
    public void unaryBackward(Unary f, Tensor x, Tensor y, Tensor dy, boolean accumulate, Tensor dx) {
        Checks.sameShape("unaryBackward", "x", x, "y", y);
        Checks.sameShape("unaryBackward", "x", x, "dy", dy);
        Checks.sameShape("unaryBackward", "x", x, "dx", dx);
        unaryBackward[f.ordinal()].apply(x, y, dy, accumulate, dx);
    }

    @Override
    public void binary(Binary f, Tensor a, Tensor b, Tensor out) {
        Checks.binary(a, b, out);
        binary.apply(f, a, b, out);
    }

    @Override
    public void binaryBackwardFirst(Binary f, Tensor a, Tensor b, Tensor dy, boolean accumulate, Tensor da) {
        Checks.binary(a, b, dy);
        Checks.sameShape("binaryBackwardFirst", "a", a, "da", da);
        binaryBackward.apply(f, true, a, b, dy, accumulate, da);
    }

    @Override
    public void binaryBackwardSecond(Binary f, Tensor a, Tensor b, Tensor dy, boolean accumulate, Tensor db) {
        Checks.binary(a, b, dy);
        Checks.sameShape("binaryBackwardSecond", "b", b, "db", db);
        binaryBackward.apply(f, false, a, b, dy, accumulate, db);
    }

    @Override
    public void addScaled(float alpha, Tensor x, Tensor y) {
        Checks.sameElements("addScaled", "x", x, "y", y);
        addScaled.apply(alpha, x, true, y);
    }

    @Override
    public void scale(float alpha, Tensor x) {
        addScaled.apply(alpha, x, false, x);
    }

    @Override
    public void copy(Tensor x, boolean accumulate, Tensor y) {
        Checks.sameElements("copy", "x", x, "y", y);
        addScaled.apply(1f, x, accumulate, y);
    }

    @Override
    public void dropout(Tensor x, float p, long seed, boolean accumulate, Tensor y) {
        Checks.dropout(x, p, y);
        dropout.apply(x, p, seed, accumulate, y);
    }

    @Override
    public void sumAxis(Tensor x, int length, int inner, float alpha, boolean accumulate, Tensor out) {
        Checks.axis("sumAxis", x, length, inner, out);
        sumAxis.apply(x, length, inner, alpha, accumulate, out);
    }

    @Override
    public void broadcastAxis(Tensor dout, int length, int inner, float alpha, boolean accumulate, Tensor dx) {
        Checks.axis("broadcastAxis", dx, length, inner, dout);
        broadcastAxis.apply(dout, length, inner, alpha, accumulate, dx);
    }

    @Override
    public double squaredNorm(Tensor x) {
        return squaredNorm.of(x);
    }

    @Override
    public void transpose(Tensor x, int axis1, int axis2, boolean accumulate, Tensor y) {
        Checks.transpose(x, axis1, axis2, y);
        transpose.apply(x, axis1, axis2, accumulate, y);
    }

    @Override
    public void softmax(Tensor x, Tensor y) {
        Checks.sameShape("softmax", "x", x, "y", y);
        softmax.forward(x, y);
    }

    @Override
    public void softmaxBackward(Tensor y, Tensor dy, boolean accumulate, Tensor dx) {
        Checks.sameShape("softmaxBackward", "y", y, "dy", dy);
        Checks.sameShape("softmaxBackward", "y", y, "dx", dx);
        softmax.backward(y, dy, accumulate, dx);
    }

    @Override
    public void logSoftmax(Tensor x, Tensor y) {
        Checks.sameShape("logSoftmax", "x", x, "y", y);
        logSoftmax.forward(x, y);
    }

    @Override
    public void logSoftmaxBackward(Tensor y, Tensor dy, boolean accumulate, Tensor dx) {
        Checks.sameShape("logSoftmaxBackward", "y", y, "dy", dy);
        Checks.sameShape("logSoftmaxBackward", "y", y, "dx", dx);
        logSoftmax.backward(y, dy, accumulate, dx);
    }

    @Override
    public void layerNorm(Tensor x, Tensor weight, Tensor bias, float epsilon, Tensor y, Tensor mean, Tensor rstd) {
        Checks.layerNorm(x, weight, bias, y, mean, rstd);
        normalization.forward(x, weight, bias, epsilon, y, mean, rstd);
    }

    @Override
    public void layerNormBackward(
            Tensor x, Tensor weight, Tensor mean, Tensor rstd, Tensor dy,
            boolean accumulateX, @Nullable Tensor dx, boolean accumulateParameters, @Nullable Tensor dweight, @Nullable Tensor dbias) {
        Checks.layerNormBackward(x, weight, mean, rstd, dy, dx, dweight, dbias);
        normalization.backward(x, weight, mean, rstd, dy, accumulateX, dx, accumulateParameters, dweight, dbias);
    }

    @Override
    public void rmsNorm(Tensor x, Tensor weight, float epsilon, Tensor y, Tensor rstd) {
        Checks.rmsNorm(x, weight, y, rstd);
        normalization.forward(x, weight, null, epsilon, y, null, rstd);
    }

    @Override
    public void rmsNormBackward(
            Tensor x, Tensor weight, Tensor rstd, Tensor dy,
            boolean accumulateX, @Nullable Tensor dx, boolean accumulateWeight, @Nullable Tensor dweight) {
        Checks.rmsNormBackward(x, weight, rstd, dy, dx, dweight);
        normalization.backward(x, weight, null, rstd, dy, accumulateX, dx, accumulateWeight, dweight, null);
    }

    @Override
    public void embedding(Tensor weight, IntTensor ids, Tensor y) {
        Checks.embedding("embedding", weight, ids, y);
        embeddings.forward(weight, ids, y);
    }

    @Override
    public void embeddingBackward(IntTensor ids, Tensor dy, boolean accumulate, Tensor dweight) {
        Checks.embedding("embeddingBackward", dweight, ids, dy);
        embeddings.backward(ids, dy, accumulate, dweight);
    }

    @Override
    public void rope(Tensor x, float base, boolean inverse, boolean accumulate, Tensor y) {
        Checks.rope(x, y);
        rope.apply(x, base, inverse, accumulate, y);
    }

    @Override
    public void crossEntropy(Tensor logits, IntTensor targets, int ignoredTarget, Tensor losses, Tensor logSumExp) {
        Checks.crossEntropy("crossEntropy", logits, targets, ignoredTarget, logSumExp);
        Checks.onePerRow("crossEntropy", "losses", losses, "logits", logits);
        crossEntropy.forward(logits, targets, ignoredTarget, losses, logSumExp);
    }

    @Override
    public void crossEntropyBackward(
            Tensor logits, IntTensor targets, int ignoredTarget, Tensor logSumExp, float scale, boolean accumulate, Tensor dlogits) {
        Checks.crossEntropy("crossEntropyBackward", logits, targets, ignoredTarget, logSumExp);
        Checks.sameShape("crossEntropyBackward", "logits", logits, "dlogits", dlogits);
        crossEntropy.backward(logits, targets, ignoredTarget, logSumExp, scale, accumulate, dlogits);
    }

    @Override
    public void adamW(
            Tensor parameters, Tensor gradients, Tensor m, Tensor v, float gradientScale,
            float lr, float beta1, float beta2, float epsilon, float weightDecay, int[] decayed, int step) {
        Checks.adamW(parameters, gradients, m, v, decayed, step);
        optimizers.adamW(parameters, gradients, m, v, gradientScale, lr, beta1, beta2, epsilon, weightDecay, decayed, step);
    }

    @Override
    public void sgd(Tensor parameters, Tensor gradients, Tensor velocity, float lr, float momentum, boolean nesterov) {
        Checks.sgd(parameters, gradients, velocity);
        optimizers.sgd(parameters, gradients, velocity, lr, momentum, nesterov);
    }
}
