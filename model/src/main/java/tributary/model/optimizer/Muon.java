package tributary.model.optimizer;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tributary.autograd.ParameterStore;
import tributary.tensor.Binary;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// **Muon**: momentum whose matrices are made orthogonal before each step; everything that is not such a matrix is moved by
/// AdamW.   Jordan et al. 2024, https://kellerjordan.github.io/posts/muon; at scale, Liu et al. 2025, arXiv:2502.16982
///
/// ```
/// m <- mu m + (1 - mu) g
/// X <- mu m + (1 - mu) g                                     Nesterov; else X <- m
/// X <- X / |X|
/// 5 times:  G <- X X^T;  X <- a X + (b G + c G G) X          Newton-Schulz: all singular values go towards 1
/// W <- W - lr lambda W - lr r X
/// ```
///
/// (a, b, c) = (3.4445, -4.7750, 2.0315). W is (rows, columns); where rows > columns, G = X^T X stands to the right of X,
/// which is the same on the transposed matrix and smaller. r is what [Rate] says.
///
/// Its state is m, of all parameters, and v, of those that AdamW moves, one after the other.
///
/// Differs from the paper: queries, keys and values are one matrix where the model keeps them in one.
public final class Muon extends StatefulOptimizer {
    private static final int ITERATIONS = 5;
    private static final float A = 3.4445f;
    private static final float B = -4.7750f;
    private static final float C = 2.0315f;
    /// The smallest norm that is divided by.
    private static final double TINY = 1e-7;

    private final Hyperparameters hyperparameters;
    private final AdamW.Hyperparameters adamW;
    private final List<ParameterStore.Entry> matrices;
    private final List<ParameterStore.Entry> others;
    private final Tensor m;
    private final Tensor v;
    private final Scratch scratch;
    private final Tensor norm = Tensor.zeros(1);
    private @Nullable Tensor boundParameters;
    private @Nullable Tensor boundGradients;
    private List<Matrix> boundMatrices = List.of();
    private List<Other> boundOthers = List.of();

    /// How large a step along an orthogonal matrix is.
    public enum Rate {
        /// r = 0.2 sqrt(max(rows, columns)): entries as large as those of an AdamW step, so that one learning rate and one decay
        /// suit both. Liu et al. 2025.
        LIKE_ADAMW {
            @Override
            double of(int rows, int columns) {
                return 0.2 * Math.sqrt(Math.max(rows, columns));
            }
        },
        /// r = sqrt(max(1, rows / columns)), for matrices stored (out, in); asks for a learning rate of its own,
        /// customarily 0.02. Jordan et al. 2024.
        BY_SHAPE {
            @Override
            double of(int rows, int columns) {
                return Math.sqrt(Math.max(1, (double) rows / columns));
            }
        };

        abstract double of(int rows, int columns);
    }

    /// What the Newton-Schulz iteration computes in.
    public enum Precision {
        FLOAT32,
        /// float32 whose results, |X|, X, G and b G + c G G, are rounded to bfloat16, as the paper's and PyTorch's are.
        BFLOAT16
    }

    /// @param momentum mu, in [0, 1)
    /// @param weightDecay lambda
    public record Hyperparameters(double momentum, boolean nesterov, double weightDecay, Rate rate, Precision precision) {
        public Hyperparameters {
            if (!(momentum >= 0 && momentum < 1)) {
                throw new IllegalArgumentException("Muon: momentum " + momentum + " is not in [0, 1)");
            }
            if (!(weightDecay >= 0)) {
                throw new IllegalArgumentException("Muon: weight decay " + weightDecay + " is negative");
            }
        }
    }

    /// A matrix and its views into the flat buffers and the scratch memory.
    private record Matrix(Tensor parameters, Tensor gradients, Tensor m, Tensor x, Tensor next, Tensor gram, Tensor polynomial) {
        int rows() {
            return parameters.shape().size(0);
        }

        int columns() {
            return parameters.shape().size(1);
        }
    }

    /// What AdamW moves, and its views into the flat buffers.
    private record Other(Tensor parameters, Tensor gradients, Tensor m, Tensor v, int[] decayed) {}

    /// Room for the largest matrix X, the next X, and the largest G and b G + c G G.
    private record Scratch(Tensor x, Tensor next, Tensor gram, Tensor polynomial) {
        static Scratch of(List<ParameterStore.Entry> matrices) {
            int elements = 1;
            int square = 1;
            for (ParameterStore.Entry entry : matrices) {
                elements = Math.max(elements, entry.shape().elements());
                square = Math.max(square, side(entry) * side(entry));
            }
            return new Scratch(Tensor.zeros(elements), Tensor.zeros(elements), Tensor.zeros(square), Tensor.zeros(square));
        }
    }

    private static int side(ParameterStore.Entry entry) {
        return Math.min(entry.shape().size(0), entry.shape().size(1));
    }

    /// @param layout of the parameters
    /// @param orthogonal which matrices Muon moves, such as [#inBlock]; AdamW moves all others
    /// @param adamW of what AdamW moves; its decay applies to tensors of two or more dimensions
    public Muon(
            ParameterStore.Layout layout, Predicate<ParameterStore.Entry> orthogonal, Hyperparameters hyperparameters,
            AdamW.Hyperparameters adamW) {
        this.hyperparameters = hyperparameters;
        this.adamW = adamW;
        this.matrices = layout.entries().stream().filter(orthogonal).toList();
        this.others = layout.entries().stream().filter(orthogonal.negate()).toList();
        for (ParameterStore.Entry entry : matrices) {
            if (entry.shape().rank() != 2) {
                throw new IllegalArgumentException("Muon: " + entry.name() + " " + entry.shape() + " is not a matrix; leave it to AdamW");
            }
        }
        this.m = buffer("m", layout.elements());
        this.v = buffer("v", Math.max(1, others.stream().mapToInt(entry -> entry.shape().elements()).sum()));
        this.scratch = Scratch.of(matrices);
    }

    /// The matrices inside a model's blocks, by their names: not its embeddings, nor its head.
    public static boolean inBlock(ParameterStore.Entry entry) {
        return entry.shape().rank() == 2 && entry.name().matches("(.*\\.)?(h|layers)\\.\\d+\\..*");
    }

    @Override
    public void step(Kernels kernels, Tensor parameters, Tensor gradients, float gradientScale, float lr) {
        if (parameters != boundParameters || gradients != boundGradients) {
            bind(parameters, gradients);
        }
        steps++;
        for (int i = 0; i < boundMatrices.size(); i++) {
            step(kernels, boundMatrices.get(i), gradientScale, lr);
        }
        for (int i = 0; i < boundOthers.size(); i++) {
            Other o = boundOthers.get(i);
            kernels.adamW(
                    o.parameters, o.gradients, o.m, o.v, gradientScale, lr, (float) adamW.beta1(), (float) adamW.beta2(),
                    (float) adamW.epsilon(), (float) adamW.weightDecay(), o.decayed, steps);
        }
    }

    private void step(Kernels kernels, Matrix W, float gradientScale, float lr) {
        float mu = (float) hyperparameters.momentum;
        kernels.scale(mu, W.m);
        kernels.addScaled((1 - mu) * gradientScale, W.gradients, W.m);
        kernels.copy(W.m, false, W.x);
        if (hyperparameters.nesterov) {
            kernels.scale(mu, W.x);
            kernels.addScaled((1 - mu) * gradientScale, W.gradients, W.x);
        }
        Tensor X = orthogonal(kernels, W);
        kernels.scale((float) (1 - lr * hyperparameters.weightDecay), W.parameters);
        kernels.addScaled((float) (-lr * hyperparameters.rate.of(W.rows(), W.columns())), X, W.parameters);
    }

    /// The orthogonal matrix nearest to W.x, roughly; it stands in W.x or W.next.
    private Tensor orthogonal(Kernels kernels, Matrix W) {
        Tensor X = W.x;
        Tensor next = W.next;
        boolean wide = W.rows() <= W.columns();
        round(X);
        norm.set(0, (float) Math.max(TINY, Math.sqrt(kernels.squaredNorm(X))));
        round(norm);
        kernels.binary(Binary.DIVIDE, X, norm, X);
        round(X);
        for (int i = 0; i < ITERATIONS; i++) {
            kernels.matmul(X, !wide, X, wide, null, false, W.gram); // (s, s), s the shorter side
            round(W.gram);
            kernels.matmul(W.gram, false, W.gram, false, null, false, W.polynomial);
            kernels.scale(C, W.polynomial);
            kernels.addScaled(B, W.gram, W.polynomial);
            round(W.polynomial);
            kernels.matmul(wide ? W.polynomial : X, false, wide ? X : W.polynomial, false, null, false, next);
            kernels.addScaled(A, X, next);
            round(next);
            Tensor spent = X;
            X = next;
            next = spent;
        }
        return X;
    }

    /// To the nearest bfloat16, the even one from the middle, where that is asked for.
    private void round(Tensor x) {
        if (hyperparameters.precision == Precision.FLOAT32) {
            return;
        }
        float[] values = x.array();
        for (int i = x.offset(); i < x.offset() + x.elements(); i++) {
            int bits = Float.floatToRawIntBits(values[i]);
            values[i] = Float.intBitsToFloat(bits + 0x7FFF + (bits >>> 16 & 1) & 0xFFFF_0000);
        }
    }

    private void bind(Tensor parameters, Tensor gradients) {
        boundMatrices = matrices.stream().map(entry -> {
            Shape square = Shape.of(side(entry), side(entry));
            return new Matrix(
                    view(parameters, entry), view(gradients, entry), view(m, entry), scratch.x.range(0, entry.shape()),
                    scratch.next.range(0, entry.shape()), scratch.gram.range(0, square), scratch.polynomial.range(0, square));
        }).toList();
        List<Other> bound = new ArrayList<>();
        int from = 0;
        for (ParameterStore.Entry entry : others) {
            int elements = entry.shape().elements();
            int[] decayed = entry.shape().rank() >= 2 ? new int[] {0, elements} : new int[0];
            bound.add(new Other(
                    view(parameters, entry), view(gradients, entry), view(m, entry), v.range(from, entry.shape()), decayed));
            from += elements;
        }
        boundOthers = bound;
        boundParameters = parameters;
        boundGradients = gradients;
    }

    private static Tensor view(Tensor flat, ParameterStore.Entry entry) {
        return flat.range(entry.offset(), entry.shape());
    }
}
