package tributary.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.tensor.IntTensor;

class BatchesTest {
    private static final int T = 5;

    @ParameterizedTest
    @ValueSource(ints = {1, 256, 257, 65536, 65537})
    void tokensKeepEveryIdOfTheirVocabulary(int vocabulary) {
        int[] ids = IntStream.range(0, 3000).map(i -> (int) (i * 7919L % vocabulary)).toArray();
        ids[2999] = vocabulary - 1;
        Tokens tokens = Tokens.of(vocabulary, ids);
        int[] copy = new int[3002];
        tokens.copy(0, 3000, copy, 1);
        assertThat(tokens.size()).isEqualTo(3000);
        assertThat(Arrays.copyOfRange(copy, 1, 3001)).containsExactly(ids);
        assertThat(IntStream.range(0, 3000).map(tokens::get).toArray()).containsExactly(ids);
        assertThatThrownBy(() -> Tokens.of(vocabulary, vocabulary)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("id " + vocabulary);
        assertThatThrownBy(() -> tokens.copy(2999, 2, copy, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> tokens.get(3000)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @ParameterizedTest
    @EnumSource(Order.class)
    void replicasShareTheRowsOfOneBatch(Order order) {
        int batch = 7;
        Batches batches = new Batches(counting(100), batch, T, order, 42);
        for (long step : new long[] {0, 1, 17, 1L << 40}) {
            int[][] whole = rows(batches, step, 0, 1);
            for (int replicas = 2; replicas <= batch; replicas++) {
                for (int replica = 0; replica < replicas; replica++) {
                    int[][] own = rows(batches, step, replica, replicas);
                    assertThat(own).hasDimensions(batches.rows(replica, replicas), T);
                    for (int i = 0; i < own.length; i++) {
                        assertThat(own[i]).containsExactly(whole[replica + i * replicas]);
                    }
                }
            }
        }
    }

    @Test
    void sequentialOrderWalksThroughTheTextAndAround() {
        // 33 tokens hold 6 whole windows of 5 and a following token each.
        Batches batches = new Batches(counting(33), 4, T, Order.SEQUENTIAL, 0);
        int window = 0;
        for (long step = 0; step < 9; step++) {
            for (int[] row : rows(batches, step, 0, 1)) {
                assertThat(row[0]).isEqualTo(window % 6 * T);
                window++;
            }
        }
    }

    @Test
    void randomOrderReachesEveryPlaceAndTheSeedDecides() {
        Set<Integer> starts = new HashSet<>();
        Batches batches = new Batches(counting(12), 3, T, Order.RANDOM, 1);
        for (long step = 0; step < 200; step++) {
            for (int[] row : rows(batches, step, 0, 1)) {
                starts.add(row[0]);
            }
        }
        assertThat(starts).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6);
        Tokens many = counting(200);
        assertThat(rows(new Batches(many, 8, T, Order.RANDOM, 1), 3, 0, 1))
                .isDeepEqualTo(rows(new Batches(many, 8, T, Order.RANDOM, 1), 3, 0, 1));
        assertThat(rows(new Batches(many, 8, T, Order.RANDOM, 1), 3, 0, 1)[0])
                .isNotEqualTo(rows(new Batches(many, 8, T, Order.RANDOM, 2), 3, 0, 1)[0]);
    }

    @Test
    void fillingABatchAllocatesNothing() {
        Batches batches = new Batches(counting(1000), 8, T, Order.RANDOM, 1);
        IntTensor ids = IntTensor.zeros(8, T);
        IntTensor targets = IntTensor.zeros(8, T);
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long bytes;
        // The interpreter may allocate for what the compiler later removes; on a busy machine that takes its time.
        long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        do {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int step = 0; step < 100; step++) {
                batches.fill(step, 0, 1, ids, targets);
            }
            bytes = threads.getCurrentThreadAllocatedBytes() - before;
        } while (bytes != 0 && System.nanoTime() < deadline);
        assertThat(bytes).as("bytes allocated for the last 100 batches").isZero();
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> new Batches(counting(T), 1, T, Order.RANDOM, 0)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("5 tokens").hasMessageContaining("needs 6");
        Batches shortest = new Batches(counting(T + 1), 2, T, Order.SEQUENTIAL, 0);
        assertThat(rows(shortest, 5, 0, 1)).isDeepEqualTo(new int[][] {{0, 1, 2, 3, 4}, {0, 1, 2, 3, 4}});
        assertThatThrownBy(() -> shortest.fill(0, 0, 3, IntTensor.zeros(1, T), IntTensor.zeros(1, T)))
                .hasMessageContaining("replica 0 of 3");
        assertThatThrownBy(() -> shortest.fill(-1, 0, 1, IntTensor.zeros(2, T), IntTensor.zeros(2, T))).hasMessageContaining("step -1");
        assertThatThrownBy(() -> shortest.fill(0, 0, 1, IntTensor.zeros(2, T), IntTensor.zeros(1, T))).hasMessageContaining("2 rows of 5");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 5, 6, 7, 11, 16, 99})
    void windowsPredictEachTokenButTheFirstOnce(int size) {
        for (int batch : new int[] {1, 3}) {
            Windows windows = new Windows(counting(size), batch, T);
            IntTensor ids = IntTensor.zeros(batch, T);
            IntTensor targets = IntTensor.zeros(batch, T);
            int next = 1;
            long counted = 0;
            for (int b = 0; b < windows.batches(); b++) {
                Arrays.fill(ids.array(), -7);
                counted += windows.fill(b, ids, targets);
                for (int i = 0; i < targets.elements(); i++) {
                    if (targets.array()[i] == Windows.IGNORED) {
                        assertThat(ids.array()[i]).isZero();
                    } else {
                        assertThat(targets.array()[i]).isEqualTo(next);
                        assertThat(ids.array()[i]).isEqualTo(next - 1);
                        next++;
                    }
                }
            }
            assertThat(next).isEqualTo(size);
            assertThat(counted).isEqualTo(size - 1).isEqualTo(windows.targets());
        }
    }

    @Test
    void fewerWindowsAreSpreadEvenly() {
        IntTensor ids = IntTensor.zeros(2, T);
        IntTensor targets = IntTensor.zeros(2, T);
        Windows windows = new Windows(counting(53), 2, T, 3); // of 11, the last short
        assertThat(windows.batches()).isEqualTo(2);
        assertThat(windows.targets()).isEqualTo(15);
        assertThat(windows.fill(0, ids, targets)).isEqualTo(10);
        assertThat(new int[] {ids.array()[0], ids.array()[T]}).containsExactly(0, 3 * T);
        assertThat(windows.fill(1, ids, targets)).isEqualTo(5);
        assertThat(ids.array()[0]).isEqualTo(7 * T);
        assertThatThrownBy(() -> windows.fill(2, ids, targets)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> new Windows(counting(1), 2, T)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 tokens");
    }

    private static Tokens counting(int size) {
        return Tokens.of(1000, IntStream.range(0, size).toArray());
    }

    private static int[][] rows(Batches batches, long step, int replica, int replicas) {
        int rows = batches.rows(replica, replicas);
        IntTensor ids = IntTensor.zeros(rows, T);
        IntTensor targets = IntTensor.zeros(rows, T);
        batches.fill(step, replica, replicas, ids, targets);
        int[][] result = new int[rows][];
        for (int row = 0; row < rows; row++) {
            result[row] = Arrays.copyOfRange(ids.array(), row * T, (row + 1) * T);
            for (int t = 0; t < T; t++) {
                assertThat(targets.array()[row * T + t]).isEqualTo(result[row][t] + 1);
            }
        }
        return result;
    }
}
