package tributary.tensor.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

class GemmTest {
    private static final int GUARD = 40;
    private static final float SENTINEL = -12345.5f;
    private static final Workers ONE = new Workers(1);
    private static final Workers TWO = new Workers(2);
    private static final Workers THREE = new Workers(3);

    @AfterAll
    static void close() {
        ONE.close();
        TWO.close();
        THREE.close();
    }

    /// Sizes around every edge: one row or column (the vector path), less than a tile, a tile and one, several parts
    /// and sections, of rows or of columns, and several blocks of k.
    static Stream<Arguments> shapes() {
        return Stream.of(
                Arguments.of(1, 1, 1, 1),
                Arguments.of(1, 1, 702, 207),
                Arguments.of(1, 1, 33, 4099),
                Arguments.of(1, 1, 4200, 70),
                Arguments.of(1, 702, 1, 207),
                Arguments.of(3, 1, 64, 31),
                Arguments.of(3, 5, 1, 7),
                Arguments.of(1, 2, 2, 1),
                Arguments.of(1, 7, 13, 31),
                Arguments.of(1, 13, 7, 64),
                Arguments.of(1, 12, 32, 2),
                Arguments.of(1, 25, 65, 3),
                Arguments.of(1, 31, 48, 207),
                Arguments.of(1, 64, 100, 128),
                Arguments.of(1, 97, 289, 385),
                Arguments.of(1, 207, 702, 64),
                Arguments.of(1, 384, 128, 512),
                Arguments.of(1, 300, 520, 700),
                Arguments.of(1, 520, 300, 700),
                Arguments.of(1, 8, 20, 4100),
                Arguments.of(1, 13, 1500, 3000),
                Arguments.of(1, 1500, 13, 3000),
                Arguments.of(7, 13, 31, 64),
                Arguments.of(70, 64, 50, 33));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void agreesWithThreeLoops(int batch, int m, int n, int k) {
        boolean small = (long) batch * m * n * k < 4_000_000;
        for (int form = 0; form < 4; form++) {
            for (int mode = 0; mode < 4; mode++) {
                if (small || mode == form) {
                    check(Gemm.PACKED, batch, m, n, k, (form & 1) != 0, (form & 2) != 0, (mode & 1) != 0, (mode & 2) != 0);
                }
            }
        }
    }

    /// With so little room for the common side that the shorter side, or a stack of matrices, is cut.
    @ParameterizedTest
    @CsvSource({"1, 400, 800, 64", "1, 800, 400, 64", "2, 390, 500, 33", "40, 64, 50, 33", "40, 50, 64, 33"})
    void cutsTheShorterSide(int batch, int m, int n, int k) {
        for (int form = 0; form < 4; form++) {
            check(1 << 14, batch, m, n, k, (form & 1) != 0, (form & 2) != 0, (form & 1) == 0, (form & 2) == 0);
        }
    }

    private static void check(
            int packed, int batch, int m, int n, int k, boolean transposeA, boolean transposeB, boolean biased, boolean accumulate) {
        SplittableRandom random = new SplittableRandom(batch + 31L * m + 977L * n + 31337L * k);
        Tensor a = guarded(random, transposeA ? Shape.of(batch, k, m) : Shape.of(batch, m, k));
        Tensor b = guarded(random, transposeB ? Shape.of(batch, n, k) : Shape.of(batch, k, n));
        Tensor bias = biased ? guarded(random, Shape.of(n)) : null;
        Tensor before = guarded(random, Shape.of(batch, m, n));
        double[] expected = new double[batch * m * n];
        double[] size = new double[batch * m * n];
        product(batch, m, n, k, a, transposeA, b, transposeB, bias, accumulate ? before : null, expected, size);

        float[] first = multiply(ONE, packed, a, transposeA, b, transposeB, bias, accumulate, before);
        String what = "%d x (%d, %d, %d) %b %b bias %b accumulate %b".formatted(batch, m, n, k, transposeA, transposeB, biased, accumulate);
        for (int i = 0; i < first.length; i++) {
            double tolerance = 1e-7 * (4 + Math.sqrt(k)) * size[i] + 1e-30;
            if (!(Math.abs(first[i] - expected[i]) <= tolerance)) {
                fail(what + " at " + i + ": " + first[i] + ", expected " + expected[i] + " within " + tolerance);
            }
        }
        assertThat(multiply(TWO, packed, a, transposeA, b, transposeB, bias, accumulate, before)).as(what + ", 2 threads").isEqualTo(first);
        assertThat(multiply(THREE, packed, a, transposeA, b, transposeB, bias, accumulate, before)).as(what + ", 3 threads")
                .isEqualTo(first);
    }

    private static float[] multiply(
            Workers workers, int packed, Tensor a, boolean transposeA, Tensor b, boolean transposeB, @Nullable Tensor bias,
            boolean accumulate,
            Tensor before) {
        float[] storage = new float[before.elements() + 2 * GUARD];
        Arrays.fill(storage, SENTINEL);
        Tensor c = Tensor.of(storage, storage.length).range(GUARD, before.shape());
        if (accumulate) {
            c.set(before);
        } else {
            c.fill(Float.NaN);
        }
        float[] finished = new float[c.elements()];
        Arrays.fill(finished, SENTINEL);
        Ranges finish = new Ranges(workers) {
            @Override
            void range(int from, int to, int worker) {
                for (int i = from; i < to; i++) {
                    finished[i] = finished[i] == SENTINEL ? c.get(i) : Float.NaN;
                }
            }
        };
        new Gemm(workers, packed).multiply(a, transposeA, b, transposeB, bias, accumulate, c, finish);
        assertThat(finished).as("every number is handed on once, when it is complete").isEqualTo(c.toArray());
        for (int i = 0; i < GUARD; i++) {
            assertThat(storage[i]).isEqualTo(SENTINEL);
            assertThat(storage[storage.length - 1 - i]).isEqualTo(SENTINEL);
        }
        return c.toArray();
    }

    /// Random numbers in the middle of a storage whose other numbers are NaN: whoever reads them shows it.
    private static Tensor guarded(SplittableRandom random, Shape shape) {
        float[] storage = new float[shape.elements() + 2 * GUARD];
        Arrays.fill(storage, Float.NaN);
        for (int i = 0; i < shape.elements(); i++) {
            storage[GUARD + i] = (float) random.nextDouble(-1, 1);
        }
        return Tensor.of(storage, storage.length).range(GUARD, shape);
    }

    private static void product(
            int batch, int m, int n, int k, Tensor a, boolean transposeA, Tensor b, boolean transposeB,
            @Nullable Tensor bias, @Nullable Tensor before, double[] sums, double[] sizes) {
        for (int z = 0; z < batch; z++) {
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < n; j++) {
                    int at = (z * m + i) * n + j;
                    double first = bias == null ? 0 : bias.get(j);
                    double old = before == null ? 0 : before.get(at);
                    double sum = first + old;
                    double size = Math.abs(first) + Math.abs(old);
                    for (int p = 0; p < k; p++) {
                        double term = (double) a.get(z * m * k + (transposeA ? p * m + i : i * k + p))
                                * b.get(z * k * n + (transposeB ? j * k + p : p * n + j));
                        sum += term;
                        size += Math.abs(term);
                    }
                    sums[at] = sum;
                    sizes[at] = size;
                }
            }
        }
    }

    @Test
    void refusesShapesThatDoNotFit() {
        Gemm gemm = new Gemm(ONE, Gemm.PACKED);
        Tensor a = Tensor.zeros(3, 4);
        Tensor b = Tensor.zeros(4, 6);
        Tensor c = Tensor.zeros(3, 6);
        assertThatThrownBy(() -> gemm.multiply(a, false, Tensor.zeros(5, 6), false, null, false, c, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("matmul: a (3, 4) times b (5, 6) does not give c (3, 6)");
        assertThatThrownBy(() -> gemm.multiply(a, false, b, false, Tensor.zeros(5), false, c, null))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("bias (5)");
    }
}
