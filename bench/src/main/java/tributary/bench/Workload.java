package tributary.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tributary.model.GptConfig;

/// What is timed: a kernel at one size or a whole training step, written as a word such as `gemm-nt-1024x768x3072`.
///
/// Its operands are numbers drawn from fixed seeds, so that every contender computes the same.
sealed interface Workload {

    /// Floating-point operations of one run, a multiply-add counting two; 0 where memory sets the pace.
    long operations();

    /// The least one run reads and writes, in bytes: every operand once.
    long bytes();

    /// C = op(A) op(B), where op(A) is (m, k) and op(B) is (k, n).
    record MatrixProduct(boolean transposeA, boolean transposeB, int m, int n, int k) implements Workload {
        @Override
        public long operations() {
            return 2L * m * n * k;
        }

        @Override
        public long bytes() {
            return ((long) m * k + (long) k * n + (long) m * n) * Float.BYTES;
        }
    }

    /// Causal attention over a packed projection (B, T, 3C). Only products of the lower triangle count as operations: two
    /// forward; five backward, where scores are computed again.
    record Attention(boolean backward, int batch, int heads, int length, int headSize) implements Workload {
        @Override
        public long operations() {
            return (backward ? 5L : 2L) * batch * heads * length * (length + 1) * headSize;
        }

        @Override
        public long bytes() {
            return (backward ? 8L : 4L) * batch * length * heads * headSize * Float.BYTES;
        }
    }

    /// A kernel that memory paces, over a matrix of (rows, columns).
    record RowKernel(Kind kind, int rows, int columns) implements Workload {

        /// What is computed; each moves so many times the matrix, counting what is of its size only.
        enum Kind {
            LAYER_NORM(2), LAYER_NORM_BACKWARD(3), GELU(2), GELU_BACKWARD(3), SOFTMAX(2), CROSS_ENTROPY(1), CROSS_ENTROPY_BACKWARD(2),
            /// rows times columns parameters
            ADAM_W(7),
            /// rows tokens of a vocabulary of as many, columns wide
            EMBEDDING(2), EMBEDDING_BACKWARD(2), SQUARED_NORM(1),
            /// the sums of the columns, as a bias needs them
            COLUMN_SUMS(1);

            private final int passes;

            Kind(int passes) {
                this.passes = passes;
            }

            String word() {
                return name().toLowerCase(Locale.ROOT).replace('_', '-');
            }
        }

        @Override
        public long operations() {
            return 0;
        }

        @Override
        public long bytes() {
            return (long) kind.passes * rows * columns * Float.BYTES;
        }
    }

    /// A training step of GPT-2: forward, backward, clipping and AdamW. Operations are counted as
    /// [GptConfig#trainingFlopsPerToken].
    record TrainingStep(GptConfig config, int batch) implements Workload {
        static final double LR = 1e-3;
        static final double CLIP = 1;
        static final double BETA1 = 0.9;
        static final double BETA2 = 0.95;
        static final double EPSILON = 1e-8;
        static final double WEIGHT_DECAY = 0.1;
        static final long SEED = 1;

        int tokens() {
            return batch * config.context();
        }

        /// (B, T + 1): the last T of a row are the targets of the first T.
        int[] ids() {
            SplittableRandom random = new SplittableRandom(SEED);
            return random.ints((long) batch * (config.context() + 1), 0, config.vocabulary()).toArray();
        }

        @Override
        public long operations() {
            return config.trainingFlopsPerToken() * tokens();
        }

        @Override
        public long bytes() {
            return 0;
        }
    }

    /// The steps of one round of DiLoCo and its synchronisation; replicas share the batch of each step.
    ///
    /// @param count H
    record LocalSteps(TrainingStep step, int count) implements Workload {
        @Override
        public long operations() {
            return step.operations() * count;
        }

        @Override
        public long bytes() {
            return 0;
        }
    }

    /// Reads a word: a name, a hyphen, and sizes separated by x.
    ///
    /// @throws IllegalArgumentException that lists the words there are
    static Workload parse(String word) {
        int hyphen = word.lastIndexOf('-');
        String name = word.substring(0, Math.max(0, hyphen));
        try {
            int[] sizes = Arrays.stream(word.substring(hyphen + 1).split("x")).mapToInt(Integer::parseInt).toArray();
            return switch (name) {
                case "gemm-nn", "gemm-nt", "gemm-tn" -> new MatrixProduct(
                        name.charAt(5) == 't', name.charAt(6) == 't', sizes[0], sizes[1], sizes[2]);
                case "attention", "attention-backward" -> new Attention(
                        name.endsWith("backward"), sizes[0], sizes[1], sizes[2], sizes[3]);
                case "step" -> step(sizes);
                case "round" -> new LocalSteps(step(sizes), sizes[6]);
                default -> new RowKernel(
                        RowKernel.Kind.valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_')), sizes[0], sizes[1]);
            };
        } catch (ArrayIndexOutOfBoundsException | IllegalArgumentException e) {
            throw new IllegalArgumentException("workload " + word + " is none of gemm-{nn,nt,tn}-MxNxK, attention-BxHEADSxTxHEADSIZE,"
                    + " attention-backward-…, step-LAYERSxHEADSxWIDTHxVOCABULARYxBATCHxCONTEXT, round-…xLOCALSTEPS, "
                    + Stream.of(RowKernel.Kind.values()).map(kind -> kind.word() + "-ROWSxCOLUMNS").collect(Collectors.joining(", ")), e);
        }
    }

    private static TrainingStep step(int[] sizes) {
        return new TrainingStep(new GptConfig(sizes[0], sizes[1], sizes[2], sizes[3], sizes[5]), sizes[4]);
    }

    /// Numbers in [-1, 1), a function of the operand's place.
    static float[] operand(int place, int elements) {
        SplittableRandom random = new SplittableRandom(1000 + place);
        float[] numbers = new float[elements];
        for (int i = 0; i < elements; i++) {
            numbers[i] = random.nextInt() * 0x1p-31f;
        }
        return numbers;
    }

    /// Whole numbers in [0, bound), a function of the count and the bound.
    static int[] ids(int count, int bound) {
        return new SplittableRandom(count).ints(count, 0, bound).toArray();
    }
}
