package tributary.localsgd.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
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

    /// With beta 1, what arrived and what is still kept is what was sent, after any number of rounds.
    @ParameterizedTest
    @ValueSource(strings = {"topk:0.1", "topk:4/32+2bit", "randomk:0.1", "sign", "int4+ef", "fp4+ef"})
    void errorFeedbackLosesNothing(String text) {
        int n = 100;
        Channel channel = new Channel(Compression.parse(text), n, 1, 0);
        double[] sent = new double[n];
        double[] arrived = new double[n];
        for (int round = 1; round <= 30; round++) {
            Tensor x = numbers(n);
            channel.send(x, round);
            for (int i = 0; i < n; i++) {
                sent[i] += numbers(n).get(i);
                arrived[i] += x.get(i);
            }
        }
        Tensor error = channel.state().get("error");
        for (int i = 0; i < n; i++) {
            assertThat(arrived[i] + error.get(i)).as("%s: number %d", text, i).isCloseTo(sent[i], within(1e-4));
        }
    }

    /// The equations of SparseLoCo by hand: e = 0.5 e + x, the larger of two is sent and leaves e.
    @Test
    void errorsFadeByBeta() {
        Channel channel = new Channel(Compression.parse("topk:0.5+ef:0.5"), 2, 1, 0);
        Tensor x = Tensor.of(new float[] {4, 3}, 2);
        channel.send(x, 1);
        assertThat(x.toArray()).containsExactly(4, 0);
        assertThat(channel.state().get("error").toArray()).containsExactly(0, 3);
        x = Tensor.of(new float[] {4, 3}, 2);
        channel.send(x, 2);
        assertThat(x.toArray()).containsExactly(0, 4.5f);
        assertThat(channel.state().get("error").toArray()).containsExactly(4, 0);
    }

    /// Ranges have errors of their own, so that fragments can be sent in any order.
    @ParameterizedTest
    @ValueSource(strings = {"topk:3/8", "int8:stochastic+ef", "randomk:0.5"})
    void fragmentsDoNotDependOnOneAnother(String text) {
        Channel forward = new Channel(Compression.parse(text), 48, 1, 0);
        Channel backward = new Channel(Compression.parse(text), 48, 1, 0);
        for (int round = 1; round <= 3; round++) {
            Tensor x = numbers(48);
            Tensor y = numbers(48);
            long bytes = forward.send(x, 0, 16, round);
            assertThat(x.get(16)).as("outside the range").isEqualTo(numbers(48).get(16));
            bytes += forward.send(x, 16, 32, round);
            long other = backward.send(y, 16, 32, round) + backward.send(y, 0, 16, round);
            assertThat(y.toArray()).isEqualTo(x.toArray());
            assertThat(other).isEqualTo(bytes).isEqualTo(
                    Compression.parse(text).codec().bytes(16) + Compression.parse(text).codec().bytes(32));
        }
        assertThat(backward.state().get("error").toArray()).isEqualTo(forward.state().get("error").toArray());
    }

    @Test
    void aChannelContinuesFromItsState() {
        Compression compression = Compression.parse("randomk:0.2+int8:stochastic");
        Channel whole = new Channel(compression, 50, 1, 2);
        whole.send(numbers(50), 1);
        Channel resumed = new Channel(compression, 50, 1, 2);
        resumed.state().get("error").set(whole.state().get("error"));
        Tensor x = numbers(50);
        Tensor y = numbers(50);
        whole.send(x, 2);
        resumed.send(y, 2);
        assertThat(y.toArray()).isEqualTo(x.toArray());
    }

    @ParameterizedTest
    @CsvSource({"2, 0, 1", "1, 1, 1", "1, 0, 2"})
    void seedReplicaAndRoundEachChangeTheDraws(long seed, int replica, int round) {
        Compression compression = Compression.parse("int4:stochastic");
        Tensor x = numbers(200);
        Tensor y = numbers(200);
        new Channel(compression, 200, 1, 0).send(x, 1);
        new Channel(compression, 200, seed, replica).send(y, round);
        assertThat(y.toArray()).isNotEqualTo(x.toArray());
    }

    @Test
    void vectorsOfAnotherLengthAreRefused() {
        Channel channel = new Channel(Compression.none(), 7, 1, 0);
        assertThatThrownBy(() -> channel.send(numbers(8), 1))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("8 numbers").hasMessageContaining("7");
    }
}
