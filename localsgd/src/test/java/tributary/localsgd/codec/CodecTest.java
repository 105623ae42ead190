package tributary.localsgd.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.model.data.StatelessRandom;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// Every codec: the message is as long as its formula, and what is decoded is as near as its documentation says.
class CodecTest {
    private static final List<String> ALL = List.of(
            "fp32", "bf16", "bf16:nearest", "fp16", "int8", "int8:stochastic", "int8-codebook", "int4", "int4:stochastic", "fp4",
            "fp4:stochastic", "2bit", "sign", "topk:0.02", "topk:0.3+int4", "topk:5/64+2bit", "randomk:0.02", "randomk:5/64+bf16",
            "randomk:0.3+no-ef", "dct:64+topk:5/64", "dct:10+int8");

    static List<String> all() {
        return ALL;
    }

    private static Codec codec(String text) {
        return Compression.parse(text).codec();
    }

    /// Normal numbers of standard deviation 0.01, as deltas are.
    private static Tensor numbers(int n) {
        Tensor x = Tensor.zeros(n);
        for (int i = 0; i < n; i++) {
            x.set(i, (float) (0.01 * StatelessRandom.gaussian(5, i, n)));
        }
        return x;
    }

    private static Tensor carried(Codec codec, Tensor x, long key) {
        ByteBuffer message = ByteBuffer.allocate((int) codec.bytes(x.elements())).order(ByteOrder.LITTLE_ENDIAN);
        codec.encode(x, key, message);
        assertThat(message.remaining()).as("bytes left of the formula's").isZero();
        message.flip();
        Tensor y = Tensor.zeros(x.elements());
        y.fill(Float.NaN);
        codec.decode(message, key, y);
        assertThat(message.remaining()).as("bytes not read").isZero();
        return y;
    }

    private static double squaredDistance(Tensor x, Tensor y) {
        double sum = 0;
        for (int i = 0; i < x.elements(); i++) {
            sum += Math.pow((double) x.get(i) - y.get(i), 2);
        }
        return sum;
    }

    private static double squaredNorm(Tensor x) {
        return squaredDistance(x, Tensor.zeros(x.elements()));
    }

    private static double most(Tensor x) {
        double most = 0;
        for (int i = 0; i < x.elements(); i++) {
            most = Math.max(most, Math.abs(x.get(i)));
        }
        return most;
    }

    @Test
    void everyKindOfCodecIsTested() {
        Set<Class<?>> tested = ALL.stream().map(text -> codec(text).getClass()).collect(Collectors.toSet());
        assertThat(tested).containsExactlyInAnyOrder(Codec.class.getPermittedSubclasses());
    }

    @ParameterizedTest
    @MethodSource("all")
    void theMessageIsAsLongAsTheFormulaAtAnyLength(String text) {
        for (int n : new int[] {1, 2, 3, 7, 31, 32, 33, 64, 65, 255, 256, 257, 702, 4095, 4096, 4097, 9001}) {
            Tensor x = numbers(n);
            Tensor y = carried(codec(text), x, 3);
            for (int i = 0; i < n; i++) {
                assertThat(y.get(i)).as("%s: number %d of %d", text, i, n).isFinite();
            }
        }
    }

    /// Counted by hand for 9001 numbers.
    @ParameterizedTest
    @CsvSource({
        "fp32, 36004",
        "bf16, 18002",
        "fp16, 18002",
        "int8, 9145", // 9001 + 36 blocks of 256, 4 bytes each
        "int8-codebook, 10025", // 9001 + 256 * 4
        "int4, 4645", // 4501 + 36 * 4
        "fp4, 4783", // 4501 + 282 blocks of 32, 1 byte each
        "2bit, 2299", // 2251 + 3 blocks of 4096, 16 bytes each
        "sign, 1138", // 1126 + 3 * 4
        "topk:0.02, 1035", // 180 kept: 180 * 14 bits = 315 bytes, 720 bytes
        "topk:32/4096, 384", // 32 + 32 + 6 kept: 64 * 12 + 6 * 10 bits = 104 bytes (103.5), 280 bytes
        "topk:32/4096+2bit, 138", // the same places, 70 * 2 bits = 18 bytes, one codebook of 16
        "randomk:0.02, 720",
        "randomk:0.02+int8, 184",
        "dct:64+topk:32/4096, 384",
    })
    void theMessageIsAsLongAsCountedByHand(String text, long bytes) {
        assertThat(codec(text).bytes(9001)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @MethodSource("all")
    void zerosArriveAsZeros(String text) {
        assertThat(most(carried(codec(text), Tensor.zeros(300), 1))).isZero();
    }

    @ParameterizedTest
    @MethodSource("all")
    void theSameKeyGivesTheSameMessage(String text) {
        Tensor x = numbers(702);
        assertThat(carried(codec(text), x, 11).toArray()).isEqualTo(carried(codec(text), x, 11).toArray());
    }

    @ParameterizedTest
    @ValueSource(strings = {"bf16", "int8:stochastic", "int4:stochastic", "fp4:stochastic", "randomk:0.02"})
    void anotherKeyGivesAnotherMessage(String text) {
        Tensor x = numbers(702);
        assertThat(carried(codec(text), x, 11).toArray()).isNotEqualTo(carried(codec(text), x, 12).toArray());
    }

    @ParameterizedTest
    @MethodSource("all")
    void whatLiesAroundARangeIsLeftAlone(String text) {
        Tensor all = Tensor.zeros(100);
        all.fill(7);
        Codec codec = codec(text);
        ByteBuffer message = ByteBuffer.allocate((int) codec.bytes(60)).order(ByteOrder.LITTLE_ENDIAN);
        codec.encode(numbers(60), 1, message);
        codec.decode(message.flip(), 1, all.range(20, Shape.of(60)));
        for (int i = 0; i < 20; i++) {
            assertThat(all.get(i)).isEqualTo(7);
            assertThat(all.get(80 + i)).isEqualTo(7);
        }
    }

    /// The mean of many messages: within five of its standard deviations, of which a number's own spread gives an upper bound.
    @ParameterizedTest
    @ValueSource(strings = {"bf16", "int8:stochastic", "int4:stochastic", "fp4:stochastic", "randomk:0.3+no-ef", "randomk:2/16+no-ef"})
    void isRightOnAverage(String text) {
        int n = 40;
        int messages = 20_000;
        Tensor x = numbers(n);
        double[] sums = new double[n];
        double[] squares = new double[n];
        for (int message = 0; message < messages; message++) {
            Tensor y = carried(codec(text), x, StatelessRandom.bits(9, message, 0));
            for (int i = 0; i < n; i++) {
                sums[i] += y.get(i);
                squares[i] += Math.pow((double) y.get(i) - x.get(i), 2);
            }
        }
        for (int i = 0; i < n; i++) {
            double deviation = Math.sqrt(squares[i] / messages / messages);
            assertThat(sums[i] / messages).as("%s: number %d", text, i).isCloseTo(x.get(i), within(5 * deviation + 1e-9));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 300, 702})
    void noNumberIsFartherThanItsBound(int n) {
        Tensor x = numbers(n);
        for (int i = 0; i < n; i++) {
            x.set(i, x.get(i) * (i % 5 == 0 ? 1e-3f : 1)); // some are small beside their neighbours
        }
        x.set(n / 2, 0.08f);
        bounded("bf16", x, (value, largest) -> value / 128);
        bounded("bf16:nearest", x, (value, largest) -> value / 256);
        bounded("fp16", x, (value, largest) -> Math.max(value / 2048, 0x1p-25));
        bounded("int8", x, (value, largest) -> largest / 127 / 2);
        bounded("int8:stochastic", x, (value, largest) -> largest / 127);
        bounded("int4", x, (value, largest) -> largest / 7 / 2);
        bounded("int4:stochastic", x, (value, largest) -> largest / 7);
        bounded("fp4", x, (value, largest) -> Math.max(value / 3, largest / 96));
        bounded("fp4:stochastic", x, (value, largest) -> Math.max(value, largest / 32));
    }

    private interface Bound {
        double of(double value, double largest);
    }

    private static void bounded(String text, Tensor x, Bound bound) {
        int block = codec(text) instanceof Fp4 ? 32 : 256;
        Tensor y = carried(codec(text), x, 1);
        for (int i = 0; i < x.elements(); i++) {
            int from = i / block * block;
            double largest = most(x.range(from, Shape.of(Math.min(block, x.elements() - from))));
            double error = Math.abs((double) x.get(i) - y.get(i));
            assertThat(error).as("%s: number %d, %s", text, i, x.get(i))
                    .isLessThanOrEqualTo(1.0001 * bound.of(Math.abs(x.get(i)), largest));
        }
    }

    @Test
    void theLevelsOfFp4ArePowersOfTwo() {
        Tensor x = Tensor.of(new float[] {0, 1, -1, 0.5f, 2, 4, 8, 16, -32, 64, 0.51f, 1.49f, 1.51f, 95f}, 14);
        assertThat(carried(new Fp4(Rounding.NEAREST), x, 0).toArray())
                .containsExactly(0, 1, -1, 0, 2, 4, 8, 16, -32, 64, 1, 1, 2, 64);
    }

    @Test
    void numbersTooLargeForHalfPrecisionBecomeItsLargest() {
        Tensor x = Tensor.of(new float[] {1e6f, -1e6f}, 2);
        assertThat(carried(new Fp16(), x, 0).toArray()).containsExactly(65504f, -65504f);
        Tensor largest = Tensor.of(new float[] {Float.MAX_VALUE, -Float.MAX_VALUE}, 2);
        float bf16 = 0x1.FEp127f;
        assertThat(carried(new Bf16(Rounding.NEAREST), largest, 0).toArray()).containsExactly(bf16, -bf16);
        assertThat(carried(new Bf16(Rounding.STOCHASTIC), largest, 0).toArray()).containsExactly(bf16, -bf16);
    }

    @Test
    void signsHaveTheErrorThatIsDerived() {
        int n = 1000;
        Tensor x = numbers(n);
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += Math.abs(x.get(i));
        }
        double expected = squaredNorm(x) - sum * sum / n;
        assertThat(squaredDistance(x, carried(new Sign(), x, 0))).isCloseTo(expected, within(1e-6 * expected));
    }

    @Test
    void codebooksAreNearTheBestOfANormalDistribution() {
        Tensor x = numbers(4096);
        double variance = squaredNorm(x);
        // 0.1175: Max's table for four levels. 256 bins of 12 sigma / 256 have width^2 / 12.
        assertThat(squaredDistance(x, carried(new Codebook(2), x, 0)) / variance).isBetween(0.11, 0.125);
        assertThat(squaredDistance(x, carried(new Codebook(8), x, 0)) / variance).isBetween(1e-4, 1.02 * Math.pow(12.0 / 256, 2) / 12);
    }

    @Test
    void codebooksLeaveTheMeanWhereItIs() {
        Tensor x = numbers(4096);
        for (int bits : new int[] {2, 8}) {
            Tensor y = carried(new Codebook(bits), x, 0);
            double sent = 0;
            double arrived = 0;
            for (int i = 0; i < x.elements(); i++) {
                sent += x.get(i);
                arrived += y.get(i);
            }
            assertThat(arrived).isCloseTo(sent, within(1e-5));
        }
    }

    /// The same bits come back but for float32's rounding, and a wave of one frequency is one coefficient.
    @ParameterizedTest
    @ValueSource(ints = {2, 5, 64, 4096})
    void cosineCoefficientsHoldTheNumbers(int chunk) {
        Tensor x = numbers(702);
        Tensor y = carried(new Dct(chunk, new Fp32()), x, 0);
        for (int i = 0; i < 702; i++) {
            assertThat((double) y.get(i)).isCloseTo(x.get(i), within(1e-8));
        }
        Tensor wave = Tensor.zeros(chunk);
        for (int i = 0; i < chunk; i++) {
            wave.set(i, (float) (3 * Math.cos(Math.PI * (2 * i + 1) / (2 * chunk))));
        }
        Tensor kept = carried(new Dct(chunk, new TopK(new Kept.PerChunk(1, chunk), new Fp32())), wave, 0);
        assertThat(squaredDistance(wave, kept)).isLessThan(1e-10 * squaredNorm(wave));
    }

    static Stream<Kept> choices() {
        return Stream.of(new Kept.Share(0.02), new Kept.Share(0.5), new Kept.Share(1), new Kept.PerChunk(5, 64), new Kept.PerChunk(1, 1));
    }

    /// Judged by sorting.
    @ParameterizedTest
    @MethodSource("choices")
    void theLargestOfEveryChunkAreKept(Kept kept) {
        int n = 702;
        Tensor x = numbers(n);
        for (int i = 0; i < n; i += 3) {
            x.set(i, 0.01f); // equal sizes
        }
        Tensor y = carried(new TopK(kept, new Fp32()), x, 0);
        int chunk = kept instanceof Kept.PerChunk perChunk ? perChunk.chunk() : n;
        for (int from = 0; from < n; from += chunk) {
            int start = from;
            int length = Math.min(chunk, n - from);
            Integer[] order = new Integer[length];
            Arrays.setAll(order, i -> start + i);
            Arrays.sort(order, (i, j) -> Float.compare(Math.abs(x.get(j)), Math.abs(x.get(i)))); // stable
            double share = switch (kept) {
                case Kept.Share s -> s.share();
                case Kept.PerChunk p -> (double) p.k() / p.chunk();
            };
            int k = Math.max(1, (int) Math.round(share * length));
            for (int rank = 0; rank < length; rank++) {
                assertThat(y.get(order[rank])).as("rank %d", rank).isEqualTo(rank < k ? x.get(order[rank]) : 0);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("choices")
    void aRandomChoiceHasItsSizeAndMissesNobody(Kept kept) {
        int n = 200;
        Tensor x = Tensor.zeros(n);
        x.fill(1);
        int[] chosen = new int[n];
        int messages = 4000;
        int chunk = kept instanceof Kept.PerChunk perChunk ? perChunk.chunk() : n;
        for (int message = 0; message < messages; message++) {
            Tensor y = carried(new RandomK(kept, false, new Fp32()), x, message);
            for (int from = 0; from < n; from += chunk) {
                int length = Math.min(chunk, n - from);
                int count = 0;
                for (int i = from; i < from + length; i++) {
                    count += (int) y.get(i);
                    chosen[i] += (int) y.get(i);
                }
                assertThat(count).isEqualTo(kept.of(length));
            }
        }
        for (int i = 0; i < n; i++) {
            int length = Math.min(chunk, n - i / chunk * chunk);
            double p = (double) kept.of(length) / length;
            assertThat((double) chosen[i] / messages).as("number %d", i).isCloseTo(p,
                    within(5 * Math.sqrt(p * (1 - p) / messages) + 1e-12));
        }
    }
}
