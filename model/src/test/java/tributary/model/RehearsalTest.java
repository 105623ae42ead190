package tributary.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RehearsalTest {

    @Test
    void thereIsOneInAProcessAndItEndsWhenTold() throws InterruptedException {
        Rehearsal first = Rehearsal.start();
        List<Thread> threads = threads();
        assertThat(threads).hasSize(1);
        first.end(0);
        assertThat(threads.getFirst().join(Duration.ofMinutes(1))).as("it ended after its step").isTrue();
        Rehearsal second = Rehearsal.start();
        assertThat(threads()).isEmpty();
        second.end(1e15); // has nothing to wait for
    }

    private static List<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().equals("tributary-rehearsal")).toList();
    }
}
