package tributary.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.autograd.Tape;
import tributary.model.data.StatelessRandom;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

class GeneratorTest {
    private static final int CONTEXT = 10;
    private static final int VOCABULARY = 13;
    private static final GptConfig SHAPE = new GptConfig(2, 2, 16, VOCABULARY, CONTEXT);
    private static final Sampling GREEDY = new Sampling(0, VOCABULARY, 1, 1);

    /// Initial values are so small that all logits are nearly equal: these are not.
    private static Gpt model() {
        Gpt model = Gpt.initialized(SHAPE, 4);
        Tensor values = model.parameters().values();
        for (int i = 0; i < values.elements(); i++) {
            values.set(i, values.get(i) + (float) (0.3 * StatelessRandom.gaussian(1, 2, i)));
        }
        return model;
    }

    private static int[] prompt(int length) {
        int[] prompt = new int[length];
        for (int i = 0; i < length; i++) {
            prompt[i] = (i * i + 3) % VOCABULARY;
        }
        return prompt;
    }

    /// The last token's logits, computed from the whole window.
    private static float[] recomputed(Gpt model, Kernels kernels, List<Integer> window) {
        int[] ids = window.stream().mapToInt(Integer::intValue).toArray();
        Tensor all = model.logits(Tape.withoutGradients(kernels), IntTensor.of(ids, 1, ids.length)).value();
        return all.range((ids.length - 1) * VOCABULARY, Shape.of(VOCABULARY)).toArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, CONTEXT - 1, CONTEXT, CONTEXT + 1, 2 * CONTEXT + 5})
    void greedyTokensAreThoseOfTheModelOverTheWholeWindow(int promptLength) {
        Gpt model = model();
        int[] prompt = prompt(promptLength);
        try (Kernels kernels = Kernels.simd(1)) {
            List<Integer> drawn = new ArrayList<>();
            new Generator(model, kernels).generate(prompt, 35, GREEDY, drawn::add);
            assertThat(drawn).hasSize(35);
            List<Integer> window = new ArrayList<>();
            for (int i = Math.max(0, promptLength - CONTEXT); i < promptLength; i++) {
                window.add(prompt[i]);
            }
            for (int next : drawn) {
                float[] logits = recomputed(model, kernels, window);
                for (int other = 0; other < VOCABULARY; other++) {
                    assertThat(logits[next]).isGreaterThanOrEqualTo(logits[other] - 1e-5f);
                }
                if (window.size() == CONTEXT) {
                    window.subList(0, CONTEXT - CONTEXT / 2 + 1).clear();
                }
                window.add(next);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 7, CONTEXT})
    void logitsAreThoseOfTheModelOverTheWholeWindow(int promptLength) {
        Gpt model = model();
        int[] prompt = prompt(promptLength);
        try (Kernels kernels = Kernels.simd(2)) {
            Decoder decoder = new Decoder(model, kernels);
            for (int round = 0; round < 2; round++) { // the second over what the first has kept
                List<Integer> window = new ArrayList<>();
                for (int id : prompt) {
                    window.add(id);
                }
                Tensor logits = decoder.start(prompt, promptLength);
                while (true) {
                    assertThat(logits.toArray()).containsExactly(recomputed(model, kernels, window), within(2e-5f));
                    assertThat(decoder.length()).isEqualTo(window.size());
                    if (window.size() == CONTEXT) {
                        break;
                    }
                    window.add((window.size() * 5 + round) % VOCABULARY);
                    logits = decoder.append(window.getLast());
                }
            }
        }
    }

    @Test
    void theSameBitsOnAnyNumberOfThreads() {
        // large enough that products are shared
        Gpt model = Gpt.initialized(new GptConfig(1, 3, 192, 700, 12), 1);
        List<float[]> logits = new ArrayList<>();
        for (int threads = 1; threads <= 3; threads++) {
            try (Kernels kernels = Kernels.simd(threads)) {
                Decoder decoder = new Decoder(model, kernels);
                decoder.start(new int[] {5, 6, 699}, 3);
                decoder.append(17);
                logits.add(decoder.append(400).toArray());
            }
        }
        assertThat(logits.get(1)).isEqualTo(logits.get(0));
        assertThat(logits.get(2)).isEqualTo(logits.get(0));
    }

    @Test
    void aTokenMoreAllocatesNothing() {
        Gpt model = model();
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Kernels kernels = Kernels.simd(1)) {
            Decoder decoder = new Decoder(model, kernels);
            Sampler sampler = new Sampler(VOCABULARY);
            long bytes;
            // The interpreter allocates for what the compiler later removes: a round without an allocation is what is asked
            // for, and on a busy machine the compiler may take its time.
            long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
            do {
                Tensor logits = decoder.start(new int[] {1}, 1);
                long before = thread.getCurrentThreadAllocatedBytes();
                for (int i = 1; i < CONTEXT; i++) {
                    logits = decoder.append(sampler.draw(GREEDY, logits, i));
                }
                bytes = thread.getCurrentThreadAllocatedBytes() - before;
            } while (bytes != 0 && System.nanoTime() < deadline);
            assertThat(bytes).as("bytes allocated for the last %d tokens", CONTEXT - 1).isZero();
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        Gpt model = model();
        try (Kernels kernels = Kernels.simd(1)) {
            assertThatThrownBy(() -> new Generator(model, kernels).generate(new int[0], 1, GREEDY, id -> {}))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("no token");
            Decoder decoder = new Decoder(model, kernels);
            assertThatThrownBy(() -> decoder.start(prompt(CONTEXT + 1), CONTEXT + 1))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("11 tokens").hasMessageContaining("context 10");
            decoder.start(prompt(CONTEXT), CONTEXT);
            assertThatThrownBy(() -> decoder.append(1))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("1 tokens after 10");
        }
    }
}
