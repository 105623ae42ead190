package tributary.tensor.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tributary.tensor.AttentionLayout;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

class AttentionTest {
    private static final int GUARD = 40;
    private static final float SENTINEL = -12345.5f;
    private static final Kernels REFERENCE = Kernels.reference();
    private static final Workers ONE = new Workers(1);
    private static final Workers TWO = new Workers(2);
    private static final Workers THREE = new Workers(3);

    @AfterAll
    static void close() {
        ONE.close();
        TWO.close();
        THREE.close();
        REFERENCE.close();
    }

    /// Outputs and gradients of one attention, each in the middle of its own storage.
    private record Results(Tensor out, Tensor logSumExp, Tensor dq, Tensor dk, Tensor dv) {
        Tensor[] all() {
            return new Tensor[] {out, logSumExp, dq, dk, dv};
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 1, 1, 1", "2, 1, 1, 7, 4", "1, 2, 2, 13, 13", "1, 2, 1, 31, 32", "2, 3, 3, 33, 16",
        "2, 4, 4, 64, 32", "1, 4, 2, 100, 24", "1, 2, 2, 207, 64", "1, 6, 2, 50, 31", "1, 1, 1, 271, 100", "1, 2, 1, 702, 8"
    })
    void agreesWithTheReference(int batch, int heads, int keyHeads, int length, int headSize) {
        for (boolean packed : new boolean[] {true, false}) {
            for (boolean accumulate : new boolean[] {true, false}) {
                AttentionLayout layout = packed
                        ? AttentionLayout.packed(batch, heads, keyHeads, length, headSize)
                        : AttentionLayout.separate(batch, heads, keyHeads, length, headSize);
                check(layout, packed, accumulate);
            }
        }
    }

    private static void check(AttentionLayout layout, boolean packed, boolean accumulate) {
        SplittableRandom random = new SplittableRandom(layout.hashCode());
        int rows = layout.batch() * layout.length();
        Tensor q = random(random, rows * (packed ? layout.heads() + 2 * layout.keyHeads() : layout.heads()) * layout.headSize());
        Tensor k = packed ? q : random(random, rows * layout.keyHeads() * layout.headSize());
        Tensor v = packed ? q : random(random, rows * layout.keyHeads() * layout.headSize());
        Tensor dout = random(random, rows * layout.heads() * layout.headSize());

        Results expected = results(layout, packed, q, k, accumulate);
        REFERENCE.attention(layout, q, k, v, expected.out, expected.logSumExp);
        REFERENCE.attentionBackward(
                layout, q, k, v, expected.out, expected.logSumExp, dout, accumulate, expected.dq, expected.dk, expected.dv);

        Results first = null;
        for (Workers workers : new Workers[] {ONE, TWO, THREE}) {
            Results actual = results(layout, packed, q, k, accumulate);
            Attention attention = new Attention(workers);
            attention.forward(layout, q, k, v, actual.out, actual.logSumExp);
            attention.backward(layout, q, k, v, actual.out, actual.logSumExp, dout, accumulate, actual.dq, actual.dk, actual.dv);
            if (first == null) {
                first = actual;
                String[] names = {"out", "logSumExp", "dq", "dk", "dv"};
                for (int i = 0; i < names.length; i++) {
                    compare(names[i] + " of " + layout + " accumulate " + accumulate, expected.all()[i], actual.all()[i]);
                }
            } else {
                for (int i = 0; i < first.all().length; i++) {
                    assertThat(actual.all()[i].toArray())
                            .as(layout + " on " + workers.threads() + " threads")
                            .isEqualTo(first.all()[i].toArray());
                }
            }
        }
    }

    private static void compare(String what, Tensor expected, Tensor actual) {
        for (int i = 0; i < expected.elements(); i++) {
            double tolerance = 3e-6 * (1 + Math.abs(expected.get(i)));
            if (!(Math.abs(expected.get(i) - actual.get(i)) <= tolerance)) {
                fail(what + " at " + i + ": " + actual.get(i) + ", expected " + expected.get(i));
            }
        }
        for (int i = 0; i < GUARD; i++) {
            assertThat(actual.array()[i]).isEqualTo(SENTINEL);
            assertThat(actual.array()[actual.array().length - 1 - i]).isEqualTo(SENTINEL);
        }
    }

    private static Results results(AttentionLayout layout, boolean packed, Tensor q, Tensor k, boolean accumulate) {
        float before = accumulate ? 0.75f : Float.NaN;
        int rows = layout.batch() * layout.heads() * layout.length();
        Tensor dq = guarded(q.elements(), before);
        return new Results(
                guarded(rows * layout.headSize(), Float.NaN), guarded(rows, Float.NaN),
                dq, packed ? dq : guarded(k.elements(), before), packed ? dq : guarded(k.elements(), before));
    }

    private static Tensor guarded(int elements, float value) {
        float[] storage = new float[elements + 2 * GUARD];
        Arrays.fill(storage, SENTINEL);
        Tensor tensor = Tensor.of(storage, storage.length).range(GUARD, Shape.of(elements));
        tensor.fill(value);
        return tensor;
    }

    /// Random numbers in the middle of a storage whose other numbers are NaN: whoever reads them shows it.
    private static Tensor random(SplittableRandom random, int elements) {
        float[] storage = new float[elements + 2 * GUARD];
        Arrays.fill(storage, Float.NaN);
        for (int i = 0; i < elements; i++) {
            storage[GUARD + i] = (float) random.nextDouble(-2, 2);
        }
        return Tensor.of(storage, storage.length).range(GUARD, Shape.of(elements));
    }

    /// Scores near 1e4 and -1e4: only their differences may be exponentiated.
    @Test
    void survivesLargeScores() {
        AttentionLayout layout = AttentionLayout.separate(1, 1, 1, 300, 4);
        Tensor q = Tensor.zeros(1, 1, 300, 4);
        Tensor k = Tensor.zeros(1, 1, 300, 4);
        Tensor v = Tensor.zeros(1, 1, 300, 4);
        for (int i = 0; i < q.elements(); i++) {
            q.set(i, i % 4 == 0 ? 100 : 0);
            k.set(i, i % 4 == 0 ? (i / 4 == 17 ? 200 : -i) : 0);
            v.set(i, i / 4);
        }
        Tensor out = Tensor.zeros(1, 1, 300, 4);
        new Attention(TWO).forward(layout, q, k, v, out, Tensor.zeros(1, 1, 300));
        for (int t = 0; t < 300; t++) {
            assertThat(out.get(t * 4)).isEqualTo(t < 17 ? 0f : 17f);
        }
    }

    @Test
    void refusesTensorsThatAreTooSmall() {
        AttentionLayout layout = AttentionLayout.separate(1, 2, 2, 8, 4);
        Tensor whole = Tensor.zeros(1, 2, 8, 4);
        Tensor less = Tensor.zeros(1, 2, 7, 4);
        assertThatThrownBy(() -> new Attention(ONE).forward(layout, whole, less, whole, whole.copy(), Tensor.zeros(1, 2, 8)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("attention: k (1, 2, 7, 4)");
    }
}
