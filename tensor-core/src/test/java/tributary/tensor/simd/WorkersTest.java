package tributary.tensor.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkersTest {

    /// Many small tasks in a row, with pauses long enough for the workers to park.
    @Test
    void runsEveryPartExactlyOnce() throws InterruptedException {
        for (int threads = 1; threads <= 4; threads++) {
            try (Workers workers = new Workers(threads)) {
                for (int task = 0; task < 500; task++) {
                    int parts = task % 23;
                    AtomicIntegerArray runs = new AtomicIntegerArray(parts);
                    int crew = threads;
                    workers.run(parts, (part, worker) -> {
                        assertThat(worker).isBetween(0, crew - 1);
                        runs.incrementAndGet(part);
                    });
                    for (int part = 0; part < parts; part++) {
                        assertThat(runs.get(part)).isEqualTo(1);
                    }
                    if (task % 100 == 0) {
                        Thread.sleep(5);
                    }
                }
            }
        }
    }

    @Test
    void throwsWhatAPartThrowsAndGoesOn() {
        try (Workers workers = new Workers(3)) {
            assertThatThrownBy(() -> workers.run(9, (part, worker) -> {
                if (part == 5) {
                    throw new IllegalArgumentException("part 5");
                }
            })).isInstanceOf(IllegalArgumentException.class).hasMessage("part 5");
            AtomicIntegerArray runs = new AtomicIntegerArray(9);
            workers.run(9, (part, worker) -> runs.incrementAndGet(part));
            for (int part = 0; part < 9; part++) {
                assertThat(runs.get(part)).isEqualTo(1);
            }
        }
    }

    @Test
    void refusesWorkAfterClose() {
        Workers workers = new Workers(2);
        workers.close();
        assertThatThrownBy(() -> workers.run(3, (part, worker) -> {})).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void refusesNoThreads() {
        assertThatThrownBy(() -> new Workers(0)).hasMessageContaining("threads: 0");
    }
}
