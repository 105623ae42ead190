package tributary.tensor;

import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import tributary.tensor.reference.ReferenceKernels;
import tributary.tensor.simd.SimdKernels;

/// What a backend computes: the only place where numbers are looped over.
///
/// Conventions of every method:
/// - Results go into tensors the caller made; nothing is allocated on the heap in steady state.
/// - `accumulate` false overwrites the result, whatever it held (also NaN); true adds to it. A gradient argument that
///   may be `null` is one the caller does not want.
/// - Results do not alias inputs unless the method says so.
/// - The same inputs give the same bits on any number of threads.
/// - Shapes are checked at the door: an [IllegalArgumentException] names the kernel, the operands and their shapes.
/// - An instance is used by one thread at a time; its worker threads are its own.
///
/// Numbers are float32. Sums over long axes may be taken in any fixed order.
public interface Kernels extends AutoCloseable {

    /// The definition: plain loops, double accumulation, one thread.
    static Kernels reference() {
        return new ReferenceKernels();
    }

    /// The Vector API on `threads` threads, the caller's among them.
    static Kernels simd(int threads) {
        return new SimdKernels(threads);
    }

    /// What computes, for people: for example `simd 512-bit fma, 2 threads`.
    String description();

    /// How many threads compute, the caller's among them.
    int threads();

    /// Kernels for pieces of work that are done side by side, each with an equal share of these threads and at least one.
    /// They end with these.
    List<Kernels> shares(int count);

    /// Does work 0, ..., `count` - 1, side by side as far as there are threads. Piece i may use share i of [#shares], and
    /// none of them this backend. What a piece throws is thrown here.
    void together(int count, IntConsumer work);

    /// Ends the worker threads.
    @Override
    void close();

    // Products.

    /// c = op(a) op(b) (+ bias), or c += ..., over equal leading axes.
    ///
    /// @param a (..., m, k), or (..., k, m) where `transposeA`
    /// @param b (..., k, n), or (..., n, k) where `transposeB`
    /// @param bias (n), added to every row, or null
    /// @param c (..., m, n)
    void matmul(Tensor a, boolean transposeA, Tensor b, boolean transposeB, @Nullable Tensor bias, boolean accumulate, Tensor c);

    // Products and what is done with their numbers next, while they are in the cache.

    /// c = op(a) op(b) (+ bias) + addend: a product into a residual stream.
    ///
    /// @param addend of c's shape
    void matmulAdd(Tensor a, boolean transposeA, Tensor b, boolean transposeB, @Nullable Tensor bias, Tensor addend, Tensor c);

    /// x = op(a) op(b) (+ bias) and y = f(x).
    ///
    /// @param x (..., m, n)
    /// @param y of x's shape
    void matmulUnary(Unary f, Tensor a, boolean transposeA, Tensor b, boolean transposeB, @Nullable Tensor bias, Tensor x, Tensor y);

    /// dx = f'(x) dy with dy = op(a) op(b), which is kept nowhere.
    ///
    /// @param f not EXP, TANH or SIGMOID, whose derivatives are taken from their values
    /// @param x of dx's shape
    /// @param dx (..., m, n)
    void matmulUnaryBackward(Unary f, Tensor a, boolean transposeA, Tensor b, boolean transposeB, Tensor x, Tensor dx);

    // Element by element.

    /// y = f(x); `y` may be `x` itself.
    void unary(Unary f, Tensor x, Tensor y);

    /// dx (+)= f'(x) dy. `y` is what [#unary] gave.
    void unaryBackward(Unary f, Tensor x, Tensor y, Tensor dy, boolean accumulate, Tensor dx);

    /// out = f(a, b) under broadcasting; `out` has the common shape and may be `a` or `b` where those have it too.
    void binary(Binary f, Tensor a, Tensor b, Tensor out);

    /// The gradient for the first operand: da (+)= sum over broadcast axes of dy df/da.
    void binaryBackwardFirst(Binary f, Tensor a, Tensor b, Tensor dy, boolean accumulate, Tensor da);

    /// The gradient for the second operand: db (+)= sum over broadcast axes of dy df/db.
    void binaryBackwardSecond(Binary f, Tensor a, Tensor b, Tensor dy, boolean accumulate, Tensor db);

    /// y += alpha x, of as many elements.
    void addScaled(float alpha, Tensor x, Tensor y);

    /// x *= alpha.
    void scale(float alpha, Tensor x);

    /// y = x, or y += x, of as many elements.
    void copy(Tensor x, boolean accumulate, Tensor y);

    /// Inverted dropout: y (+)= x / (1 - p) where element i is kept, 0 where it is dropped. Whether it is kept is a
    /// pure function of (seed, i), so the backward pass is the same call on the gradients. Srivastava et al. 2014.
    ///
    /// @param p the share dropped, 0 <= p < 1
    void dropout(Tensor x, float p, long seed, boolean accumulate, Tensor y);

    // Sums.

    /// out (+)= alpha * sum over the middle axis of x seen as (outer, length, inner), outer = out.elements() / inner.
    void sumAxis(Tensor x, int length, int inner, float alpha, boolean accumulate, Tensor out);

    /// The gradient of [#sumAxis]: dx[o, l, i] (+)= alpha * dout[o, i].
    void broadcastAxis(Tensor dout, int length, int inner, float alpha, boolean accumulate, Tensor dx);

    /// The sum of the squares of all elements, added in float64.
    double squaredNorm(Tensor x);

    /// y (+)= x with two axes exchanged.
    void transpose(Tensor x, int axis1, int axis2, boolean accumulate, Tensor y);

    // Rows of the last axis: x (..., C), seen as R rows.

    /// y = e^(x - max) / sum e^(x - max) over each row; `y` may be `x`.
    void softmax(Tensor x, Tensor y);

    /// dx (+)= y (dy - sum(dy y)).
    void softmaxBackward(Tensor y, Tensor dy, boolean accumulate, Tensor dx);

    /// y = x - max - ln sum e^(x - max) over each row; `y` may be `x`.
    void logSoftmax(Tensor x, Tensor y);

    /// dx (+)= dy - e^y sum(dy).
    void logSoftmaxBackward(Tensor y, Tensor dy, boolean accumulate, Tensor dx);

    /// y = weight (x - mean) rstd + bias. Ba et al. 2016, arXiv:1607.06450. The variance is the biased one.
    ///
    /// @param weight (C)
    /// @param bias (C)
    /// @param mean (R), written
    /// @param rstd (R), 1 / sqrt(variance + epsilon), written
    void layerNorm(Tensor x, Tensor weight, Tensor bias, float epsilon, Tensor y, Tensor mean, Tensor rstd);

    /// With xhat = (x - mean) rstd and g = weight dy:
    /// dx (+)= rstd (g - mean(g) - xhat mean(g xhat)); dweight (+)= sum over rows of dy xhat; dbias (+)= sum of dy.
    ///
    /// @param dx like x, or null
    /// @param dweight (C), or null together with `dbias`
    void layerNormBackward(
            Tensor x, Tensor weight, Tensor mean, Tensor rstd, Tensor dy,
            boolean accumulateX, @Nullable Tensor dx, boolean accumulateParameters, @Nullable Tensor dweight, @Nullable Tensor dbias);

    /// y = weight x rstd with rstd = 1 / sqrt(mean(x^2) + epsilon). Zhang and Sennrich 2019, arXiv:1910.07467.
    ///
    /// @param rstd (R), written
    void rmsNorm(Tensor x, Tensor weight, float epsilon, Tensor y, Tensor rstd);

    /// With xhat = x rstd and g = weight dy: dx (+)= rstd (g - xhat mean(g xhat)); dweight (+)= sum of dy xhat.
    void rmsNormBackward(
            Tensor x, Tensor weight, Tensor rstd, Tensor dy,
            boolean accumulateX, @Nullable Tensor dx, boolean accumulateWeight, @Nullable Tensor dweight);

    // Language models.

    /// y[i] = weight[ids[i]].
    ///
    /// @param weight (V, C)
    /// @param ids (...), each in [0, V); another id is an [IllegalArgumentException] that names it and its place
    /// @param y (..., C)
    void embedding(Tensor weight, IntTensor ids, Tensor y);

    /// dweight[ids[i]] += dy[i], in the order of i. Overwriting first sets all of `dweight` to zero.
    void embeddingBackward(IntTensor ids, Tensor dy, boolean accumulate, Tensor dweight);

    /// Causal scaled dot-product attention: out[t] = sum over s <= t of softmax_s(q[t] k[s] / sqrt(hs)) v[s].
    /// Vaswani et al. 2017, arXiv:1706.03762; tiled with an online softmax, as Dao et al. 2022, arXiv:2205.14135,
    /// so memory is linear in T.
    ///
    /// @param logSumExp (B, nh, T), the logarithm of each softmax's denominator, written
    void attention(AttentionLayout layout, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp);

    /// Causal attention of N new positions of one sequence over all positions before them, whose keys and values were kept.
    /// Writes the new keys and values at [position, position + N) of the cache, then
    /// out[n] = sum over s <= position + n of softmax_s(q[n] k[s] / sqrt(hs)) v[s].
    ///
    /// @param position how many positions the cache holds already
    /// @param qkv (N, (nh + 2 kv) hs): nh query heads, kv key heads, kv value heads
    /// @param keys (kv, T, hs), the cache, T at least position + N
    /// @param values (kv, T, hs), the cache
    /// @param out (N, nh hs)
    void cachedAttention(int position, Tensor qkv, Tensor keys, Tensor values, Tensor out);

    /// The gradients of [#attention]. dq, dk and dv are laid out as q, k and v; for the packed layout all three are one
    /// tensor, which is written whole.
    void attentionBackward(
            AttentionLayout layout, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp, Tensor dout,
            boolean accumulate, Tensor dq, Tensor dk, Tensor dv);

    /// Rotary position embedding on pairs (i, i + hs/2): each pair at position t turns by the angle
    /// t base^(-2i/hs), or by its negative where `inverse` (the gradient). Su et al. 2021, arXiv:2104.09864.
    ///
    /// @param x (..., T, hs), hs even
    void rope(Tensor x, float base, boolean inverse, boolean accumulate, Tensor y);

    /// losses[r] = ln sum e^logits[r] - logits[r][target[r]], 0 where the target is `ignoredTarget`.
    ///
    /// @param logits (R, V)
    /// @param targets R ids in [0, V), or `ignoredTarget`
    /// @param losses (R), written
    /// @param logSumExp (R), written
    void crossEntropy(Tensor logits, IntTensor targets, int ignoredTarget, Tensor losses, Tensor logSumExp);

    /// dlogits (+)= scale (softmax(logits) - onehot(target)), 0 in ignored rows. `dlogits` may be `logits` itself where
    /// it overwrites.
    void crossEntropyBackward(
            Tensor logits, IntTensor targets, int ignoredTarget, Tensor logSumExp, float scale, boolean accumulate, Tensor dlogits);

    // Optimizers: one pass over equally long buffers.

    /// AdamW. Loshchilov and Hutter 2019, arXiv:1711.05101. With g = gradientScale * gradient:
    /// p -= lr weightDecay p; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
    /// p -= lr (m / (1 - beta1^step)) / (sqrt(v / (1 - beta2^step)) + epsilon).
    ///
    /// @param gradientScale the factor that clipping asks for, 1 for none
    /// @param decayed where weightDecay holds, elsewhere it is 0: borders b0 < b1 < ... of the ranges [b0, b1), [b2, b3), ...
    /// @param step 1 at the first step
    void adamW(
            Tensor parameters, Tensor gradients, Tensor m, Tensor v, float gradientScale,
            float lr, float beta1, float beta2, float epsilon, float weightDecay, int[] decayed, int step);

    /// SGD with momentum, starting from velocity 0: velocity = momentum velocity + g; p -= lr (g + momentum velocity)
    /// where `nesterov`, else p -= lr velocity. Sutskever et al. 2013. With momentum 0, p -= lr g.
    void sgd(Tensor parameters, Tensor gradients, Tensor velocity, float lr, float momentum, boolean nesterov);
}
