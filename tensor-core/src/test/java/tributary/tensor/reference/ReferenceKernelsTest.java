package tributary.tensor.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import tributary.tensor.AttentionLayout;
import tributary.tensor.Binary;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;
import tributary.tensor.Unary;

/// Values worked out by hand. The definition has no other judge in this module.
class ReferenceKernelsTest {
    private static final float LN_2 = 0.6931472f;
    private static final float LN_3 = 1.0986123f;

    private final Kernels kernels = Kernels.reference();

    @Test
    void matmulOfEveryForm() {
        Tensor a = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
        Tensor aT = Tensor.of(new float[] {1, 4, 2, 5, 3, 6}, 3, 2);
        Tensor b = Tensor.of(new float[] {1, 0, 2, 1, 0, 3}, 3, 2);
        Tensor bT = Tensor.of(new float[] {1, 2, 0, 0, 1, 3}, 2, 3);
        Tensor c = full(Float.NaN, 2, 2);
        kernels.matmul(a, false, b, false, null, false, c);
        assertThat(c.toArray()).containsExactly(5, 11, 14, 23);
        kernels.matmul(aT, true, bT, true, null, false, c);
        assertThat(c.toArray()).containsExactly(5, 11, 14, 23);
        kernels.matmul(a, false, b, false, Tensor.of(new float[] {100, 200}, 2), true, c);
        assertThat(c.toArray()).containsExactly(110, 222, 128, 246);
    }

    @Test
    void matmulOverLeadingAxes() {
        Tensor a = Tensor.of(new float[] {1, 2, 3, 4}, 2, 1, 2);
        Tensor b = Tensor.of(new float[] {1, 1, 10, 100}, 2, 2, 1);
        Tensor c = Tensor.zeros(2, 1, 1);
        kernels.matmul(a, false, b, false, null, false, c);
        assertThat(c.toArray()).containsExactly(3, 430);
    }

    @Test
    void unaryFunctionsAtKnownPoints() {
        // Phi(1), Phi(-5) and the density at 1 from tables of the normal distribution.
        assertThat(Unary.GELU_ERF.value(1)).isCloseTo(0.841344746068543, within(1e-15));
        assertThat(Unary.GELU_ERF.value(-5) / -5).isCloseTo(2.866515718791939e-7, within(1e-20));
        assertThat(Unary.GELU_ERF.derivative(1)).isCloseTo(0.841344746068543 + 0.241970724519143, within(1e-14));
        assertThat(Unary.GELU_TANH.value(1)).isCloseTo(0.5 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * 1.044715)), within(1e-15));
        assertThat(Unary.RELU.derivative(0)).isZero();
        assertThat(unary(Unary.EXP, 1)).isEqualTo((float) Math.E);
        assertThat(unary(Unary.LOG, 2)).isEqualTo(LN_2);
        assertThat(unary(Unary.TANH, LN_2)).isEqualTo(0.6f); // (2 - 1/2) / (2 + 1/2)
        assertThat(unary(Unary.SIGMOID, LN_3)).isEqualTo(0.75f);
        assertThat(unary(Unary.SILU, LN_3)).isCloseTo(0.75f * LN_3, within(1e-7f));
        assertThat(unary(Unary.RELU, -3)).isZero();
    }

    @Test
    void unaryDerivativesAreTheSlopesOfTheValues() {
        double h = 1e-5;
        for (Unary f : Unary.values()) {
            for (double x : new double[] {0.1, 0.7, 1.9, 4.5}) {
                double slope = (f.value(x + h) - f.value(x - h)) / (2 * h);
                assertThat(f.derivative(x)).as("%s at %s", f, x).isCloseTo(slope, within(1e-8 * (1 + Math.abs(slope))));
                if (f != Unary.LOG) {
                    double left = (f.value(-x + h) - f.value(-x - h)) / (2 * h);
                    assertThat(f.derivative(-x)).as("%s at %s", f, -x).isCloseTo(left, within(1e-9));
                }
            }
        }
    }

    @Test
    void binaryBroadcastsAndSumsBack() {
        Tensor a = Tensor.of(new float[] {1, 2}, 2, 1);
        Tensor b = Tensor.of(new float[] {10, 20, 40}, 3);
        Tensor out = Tensor.zeros(2, 3);
        kernels.binary(Binary.DIVIDE, b, a, out);
        assertThat(out.toArray()).containsExactly(10, 20, 40, 5, 10, 20);
        Tensor dy = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
        Tensor da = full(Float.NaN, 2, 1);
        kernels.binaryBackwardSecond(Binary.DIVIDE, b, a, dy, false, da);
        assertThat(da.toArray()).containsExactly(-(10 + 40 + 120), -(40 + 100 + 240) / 4f);
        Tensor db = full(1, 3);
        kernels.binaryBackwardFirst(Binary.MULTIPLY, b, a, dy, true, db);
        assertThat(db.toArray()).containsExactly(1 + 1 + 8, 1 + 2 + 10, 1 + 3 + 12);
        kernels.binaryBackwardSecond(Binary.SUBTRACT, a, b, dy, false, db);
        assertThat(db.toArray()).containsExactly(-5, -7, -9);
    }

    @Test
    void simpleUpdates() {
        Tensor x = Tensor.of(new float[] {1, -2}, 2);
        Tensor y = Tensor.of(new float[] {10, 20}, 2);
        kernels.addScaled(0.5f, x, y);
        assertThat(y.toArray()).containsExactly(10.5f, 19);
        kernels.scale(2, y);
        assertThat(y.toArray()).containsExactly(21, 38);
        kernels.copy(x, true, y);
        assertThat(y.toArray()).containsExactly(22, 36);
        assertThat(kernels.squaredNorm(x)).isEqualTo(5);
    }

    @Test
    void dropoutKeepsItsShareAndItsMeanAndDependsOnTheSeedAlone() {
        int n = 100_000;
        Tensor ones = full(1, n);
        Tensor y = Tensor.zeros(n);
        kernels.dropout(ones, 0.25f, 7, false, y);
        int kept = 0;
        for (float value : y.toArray()) {
            assertThat(value == 0 || value == 4 / 3f).isTrue();
            kept += value == 0 ? 0 : 1;
        }
        assertThat(kept).isBetween(74_500, 75_500); // 75,000 with a standard deviation of 137
        Tensor again = Tensor.zeros(n);
        kernels.dropout(ones, 0.25f, 7, false, again);
        assertThat(again.toArray()).isEqualTo(y.toArray());
        kernels.dropout(ones, 0.25f, 8, false, again);
        int both = 0;
        for (int i = 0; i < n; i++) {
            both += y.get(i) > 0 && again.get(i) > 0 ? 1 : 0;
        }
        assertThat(both).isBetween(55_600, 56_900); // 0.75^2 n, as for independent draws
    }

    @Test
    void sumsOverTheMiddleAxis() {
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 2, 3, 2);
        Tensor out = Tensor.zeros(2, 2);
        kernels.sumAxis(x, 3, 2, 0.5f, false, out);
        assertThat(out.toArray()).containsExactly(4.5f, 6, 13.5f, 15);
        Tensor dx = full(1, 2, 3, 2);
        kernels.broadcastAxis(Tensor.of(new float[] {1, 2, 3, 4}, 2, 2), 3, 2, 10, true, dx);
        assertThat(dx.toArray()).containsExactly(11, 21, 11, 21, 11, 21, 31, 41, 31, 41, 31, 41);
    }

    @Test
    void transposeOfNeighboursAndOfDistantAxes() {
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 2);
        Tensor y = Tensor.zeros(2, 2, 2);
        kernels.transpose(x, 1, 2, false, y);
        assertThat(y.toArray()).containsExactly(1, 3, 2, 4, 5, 7, 6, 8);
        kernels.transpose(x, 2, 0, false, y);
        assertThat(y.toArray()).containsExactly(1, 5, 3, 7, 2, 6, 4, 8);
    }

    @Test
    void softmaxOfLogarithmsGivesShares() {
        Tensor x = Tensor.of(new float[] {0, LN_3, 1000, 1000}, 2, 2);
        Tensor y = Tensor.zeros(2, 2);
        kernels.softmax(x, y);
        assertThat(y.toArray()).containsExactly(0.25f, 0.75f, 0.5f, 0.5f);
        Tensor dx = Tensor.zeros(2, 2);
        kernels.softmaxBackward(y, Tensor.of(new float[] {4, 0, 1, 1}, 2, 2), false, dx);
        assertThat(dx.toArray()).containsExactly(0.75f, -0.75f, 0, 0);
        kernels.logSoftmax(x, y);
        assertThat(y.toArray()).containsExactly(new float[] {-2 * LN_2, LN_3 - 2 * LN_2, -LN_2, -LN_2}, within(1e-7f));
        kernels.logSoftmaxBackward(y, Tensor.of(new float[] {4, 0, 1, 1}, 2, 2), false, dx);
        assertThat(dx.toArray()).containsExactly(new float[] {3, -3, 0, 0}, within(1e-6f));
    }

    @Test
    void normsOfARowWithRoundNumbers() {
        Tensor x = Tensor.of(new float[] {1, 3, 5, 7}, 2, 2);
        Tensor weight = Tensor.of(new float[] {1, 10}, 2);
        Tensor y = Tensor.zeros(2, 2);
        Tensor mean = Tensor.zeros(2);
        Tensor rstd = Tensor.zeros(2);
        kernels.layerNorm(x, weight, Tensor.of(new float[] {0.5f, 0}, 2), 0, y, mean, rstd);
        assertThat(y.toArray()).containsExactly(-0.5f, 10, -0.5f, 10);
        assertThat(mean.toArray()).containsExactly(2, 6);
        assertThat(rstd.toArray()).containsExactly(1, 1);
        Tensor dy = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
        Tensor dx = Tensor.zeros(2, 2);
        Tensor dweight = Tensor.zeros(2);
        Tensor dbias = Tensor.zeros(2);
        kernels.layerNormBackward(x, weight, mean, rstd, dy, false, dx, false, dweight, dbias);
        assertThat(dx.toArray()).containsExactly(0, 0, 0, 0); // two numbers a row always give -1 and 1
        assertThat(dweight.toArray()).containsExactly(-4, 6);
        assertThat(dbias.toArray()).containsExactly(4, 6);

        Tensor row = Tensor.of(new float[] {1, 7}, 1, 2); // mean square 25
        Tensor scale = Tensor.zeros(1);
        Tensor normed = Tensor.zeros(1, 2);
        kernels.rmsNorm(row, weight, 0, normed, scale);
        assertThat(normed.toArray()).containsExactly(new float[] {0.2f, 14}, within(1e-6f));
        Tensor drow = Tensor.zeros(1, 2);
        kernels.rmsNormBackward(row, weight, scale, Tensor.of(new float[] {1, 0}, 1, 2), false, drow, false, dweight);
        assertThat(drow.toArray()).containsExactly(new float[] {0.2f * (1 - 0.02f), 0.2f * -0.14f}, within(1e-7f));
        assertThat(dweight.toArray()).containsExactly(new float[] {0.2f, 0}, within(1e-7f));
    }

    @Test
    void embeddingReadsAndAddsRows() {
        Tensor weight = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
        IntTensor ids = IntTensor.of(new int[] {2, 0, 2}, 3);
        Tensor y = Tensor.zeros(3, 2);
        kernels.embedding(weight, ids, y);
        assertThat(y.toArray()).containsExactly(5, 6, 1, 2, 5, 6);
        Tensor dweight = full(Float.NaN, 3, 2);
        kernels.embeddingBackward(ids, y, false, dweight);
        assertThat(dweight.toArray()).containsExactly(1, 2, 0, 0, 10, 12);
        assertThatThrownBy(() -> kernels.embedding(weight, IntTensor.of(new int[] {0, 3, 0}, 3), y))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("id 3 at place 1");
    }

    @Test
    void ropeTurnsTheSecondPositionByOneRadian() {
        Tensor x = Tensor.of(new float[] {1, 0, 1, 0}, 2, 2);
        Tensor y = Tensor.zeros(2, 2);
        kernels.rope(x, 10000, false, false, y);
        assertThat(y.toArray()).containsExactly(1, 0, (float) Math.cos(1), (float) Math.sin(1));
        Tensor back = Tensor.zeros(2, 2);
        kernels.rope(y, 10000, true, false, back);
        assertThat(back.toArray()).containsExactly(new float[] {1, 0, 1, 0}, within(1e-7f));
    }

    @Test
    void attentionOfTwoPositions() {
        // hs 1: the second query's scores are 0 and ln 3, so its weights are 1/4 and 3/4.
        AttentionLayout layout = AttentionLayout.separate(1, 1, 1, 2, 1);
        Tensor q = Tensor.of(new float[] {5, 1}, 1, 1, 2, 1);
        Tensor k = Tensor.of(new float[] {0, LN_3}, 1, 1, 2, 1);
        Tensor v = Tensor.of(new float[] {8, 4}, 1, 1, 2, 1);
        Tensor out = Tensor.zeros(1, 1, 2, 1);
        Tensor logSumExp = Tensor.zeros(1, 1, 2);
        kernels.attention(layout, q, k, v, out, logSumExp);
        assertThat(out.toArray()).containsExactly(8, 5);
        assertThat(logSumExp.toArray()).containsExactly(new float[] {0, 2 * LN_2}, within(1e-7f));
        Tensor dq = full(Float.NaN, 1, 1, 2, 1);
        Tensor dk = full(Float.NaN, 1, 1, 2, 1);
        Tensor dv = full(Float.NaN, 1, 1, 2, 1);
        Tensor dout = Tensor.of(new float[] {1, 1}, 1, 1, 2, 1);
        kernels.attentionBackward(layout, q, k, v, out, logSumExp, dout, false, dq, dk, dv);
        // ds = p (dp - sum p dp) = (1/4 (8 - 5), 3/4 (4 - 5)).
        assertThat(dq.toArray()).containsExactly(new float[] {0, -0.75f * LN_3}, within(1e-6f));
        assertThat(dk.toArray()).containsExactly(new float[] {0.75f, -0.75f}, within(1e-6f));
        assertThat(dv.toArray()).containsExactly(new float[] {1.25f, 0.75f}, within(1e-6f));
    }

    @Test
    void packedAttentionEqualsSeparateAttention() {
        int heads = 4;
        int keyHeads = 2;
        int length = 3;
        int hs = 2;
        int row = (heads + 2 * keyHeads) * hs;
        Tensor qkv = Tensor.zeros(1, length, row);
        for (int i = 0; i < qkv.elements(); i++) {
            qkv.set(i, (float) Math.sin(i));
        }
        Tensor q = Tensor.zeros(1, heads, length, hs);
        Tensor k = Tensor.zeros(1, keyHeads, length, hs);
        Tensor v = Tensor.zeros(1, keyHeads, length, hs);
        for (int t = 0; t < length; t++) {
            for (int i = 0; i < hs; i++) {
                for (int h = 0; h < heads; h++) {
                    q.set((h * length + t) * hs + i, qkv.get(t * row + h * hs + i));
                }
                for (int h = 0; h < keyHeads; h++) {
                    k.set((h * length + t) * hs + i, qkv.get(t * row + (heads + h) * hs + i));
                    v.set((h * length + t) * hs + i, qkv.get(t * row + (heads + keyHeads + h) * hs + i));
                }
            }
        }
        Tensor separate = Tensor.zeros(1, heads, length, hs);
        Tensor packed = Tensor.zeros(1, length, heads * hs);
        Tensor logSumExp = Tensor.zeros(1, heads, length);
        kernels.attention(AttentionLayout.separate(1, heads, keyHeads, length, hs), q, k, v, separate, logSumExp);
        kernels.attention(AttentionLayout.packed(1, heads, keyHeads, length, hs), qkv, qkv, qkv, packed, logSumExp);
        for (int t = 0; t < length; t++) {
            for (int h = 0; h < heads; h++) {
                for (int i = 0; i < hs; i++) {
                    assertThat(packed.get((t * heads + h) * hs + i)).isEqualTo(separate.get((h * length + t) * hs + i));
                }
            }
        }
    }

    @Test
    void crossEntropyOfAQuarter() {
        Tensor logits = Tensor.of(new float[] {0, LN_3, 0, LN_3}, 2, 2);
        IntTensor targets = IntTensor.of(new int[] {0, -100}, 2);
        Tensor losses = full(Float.NaN, 2);
        Tensor logSumExp = Tensor.zeros(2);
        kernels.crossEntropy(logits, targets, -100, losses, logSumExp);
        assertThat(losses.toArray()).containsExactly(new float[] {2 * LN_2, 0}, within(1e-7f));
        Tensor dlogits = full(Float.NaN, 2, 2);
        kernels.crossEntropyBackward(logits, targets, -100, logSumExp, 4, false, dlogits);
        assertThat(dlogits.toArray()).containsExactly(new float[] {-3, 3, 0, 0}, within(1e-6f));
    }

    @Test
    void optimizerSteps() {
        Tensor p = Tensor.of(new float[] {2}, 1);
        Tensor g = Tensor.of(new float[] {8}, 1);
        Tensor m = Tensor.zeros(1);
        Tensor v = Tensor.zeros(1);
        kernels.adamW(p, g, m, v, 0.5f, 0.5f, 0.75f, 0.5f, 0, 0.25f, new int[] {0, 1}, 1);
        assertThat(m.get(0)).isEqualTo(1); // (1 - 0.75) * 4
        assertThat(v.get(0)).isEqualTo(8); // (1 - 0.5) * 16
        assertThat(p.get(0)).isEqualTo(2 - 0.25f - 0.5f); // decay 0.5 * 0.25 * 2, then the first step moves by lr

        Tensor pair = full(2, 2);
        kernels.adamW(pair, full(8, 2), Tensor.zeros(2), Tensor.zeros(2), 0.5f, 0.5f, 0.75f, 0.5f, 0, 0.25f, new int[] {1, 2}, 1);
        assertThat(pair.toArray()).containsExactly(2 - 0.5f, 2 - 0.25f - 0.5f); // only the second decays

        Tensor velocity = Tensor.of(new float[] {4}, 1);
        kernels.sgd(p, g, velocity, 0.125f, 0.5f, false);
        assertThat(velocity.get(0)).isEqualTo(10);
        assertThat(p.get(0)).isEqualTo(0);
        kernels.sgd(p, g, velocity, 0.125f, 0.5f, true);
        assertThat(velocity.get(0)).isEqualTo(13);
        assertThat(p.get(0)).isEqualTo(-0.125f * (8 + 6.5f));
    }

    @Test
    void badShapesAreRefusedByName() {
        Tensor a = Tensor.zeros(2, 3);
        assertThatThrownBy(() -> kernels.matmul(a, false, a, false, null, false, Tensor.zeros(2, 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("matmul: a (2, 3) times b (2, 3)");
        assertThatThrownBy(() -> kernels.unary(Unary.EXP, a, Tensor.zeros(3, 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(3, 2)");
        assertThatThrownBy(() -> kernels.binary(Binary.ADD, a, Tensor.zeros(2), Tensor.zeros(2, 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("do not broadcast");
        assertThatThrownBy(() -> kernels.dropout(a, 1, 0, false, Tensor.zeros(2, 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("p 1.0");
    }

    private float unary(Unary f, float x) {
        Tensor tensor = Tensor.of(new float[] {x}, 1);
        kernels.unary(f, tensor, tensor);
        return tensor.get(0);
    }

    private static Tensor full(float value, int... sizes) {
        Tensor tensor = Tensor.zeros(sizes);
        tensor.fill(value);
        return tensor;
    }
}
