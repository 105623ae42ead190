package tributary.localsgd.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import tributary.model.NonFiniteException;
import tributary.tensor.Tensor;

/// A channel hands over what was decoded, range by range, and keeps what was left out.
class ChannelTest {

    private static Tensor numbers(int n) {
        Tensor x = Tensor.zeros(n);
        for (int i = 0; i < n; i++) {
            x.set(i, (float) Math.sin(1 + i));
        }
        return x;
    }

    @Test
    void float32ArrivesAsItIs() {
        Channel channel = new Channel(Compression.none(), 7, 1, 0);
        Tensor x = numbers(7);
        assertThat(channel.send(x, 1)).isEqualTo(28);
        assertThat(x.toArray()).isEqualTo(numbers(7).toArray());
        assertThat(channel.state()).isEmpty();
    }

    @Test
    void numbersThatAreNotFiniteAreNotSent() {
        Channel channel = new Channel(Compression.none(), 7, 1, 3);
        Tensor x = numbers(7);
        x.set(5, Float.NaN);
        assertThatThrownBy(() -> channel.send(x, 4, 2, 1))
                .isInstanceOf(NonFiniteException.class).hasMessage("replica 3 was to send NaN as number 5");
        assertThat(channel.send(x, 0, 4, 1)).as("a range without it").isEqualTo(16);
    }

    @Test
    void vectorsOfAnotherLengthAreRefused() {
        Channel channel = new Channel(Compression.none(), 7, 1, 0);
        assertThatThrownBy(() -> channel.send(numbers(8), 1))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("8 numbers").hasMessageContaining("7");
    }
}
