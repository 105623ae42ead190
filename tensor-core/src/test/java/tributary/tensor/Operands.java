package tributary.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// Operands of one kernel call: the same numbers for the same seed. Every tensor stands inside a larger array, at an
/// offset that is no multiple of a vector, between guards that must survive the call; inputs must survive it too.
final class Operands {
    private static final int GUARD = 37;
    private static final float SENTINEL = -12345.678f;

    /// Drawn once: a draw costs more than most kernels.
    private static final float[] NORMAL = new float[1 << 16];

    static {
        SplittableRandom random = new SplittableRandom(42);
        for (int i = 0; i < NORMAL.length; i++) {
            NORMAL[i] = (float) random.nextGaussian();
        }
    }

    private record Guarded(Tensor tensor, float[] before) {}

    private final SplittableRandom random = new SplittableRandom(43);
    private int drawn;
    private final List<Guarded> inputs = new ArrayList<>();
    private final List<Guarded> outputs = new ArrayList<>();

    /// Numbers from a normal distribution, only read.
    Tensor input(int... sizes) {
        return remember(inputs, normal(guarded(sizes)));
    }

    /// Numbers between 0.5 and 2, only read.
    Tensor positive(int... sizes) {
        Tensor tensor = guarded(sizes);
        for (int i = 0; i < tensor.elements(); i++) {
            tensor.set(i, (float) random.nextDouble(0.5, 2));
        }
        return remember(inputs, tensor);
    }

    /// The given numbers, only read.
    Tensor values(Tensor source) {
        Tensor tensor = guarded(source.shape().toArray());
        tensor.set(source);
        return remember(inputs, tensor);
    }

    /// A result, full of NaN: a kernel that reads or adds to it shows.
    Tensor output(int... sizes) {
        Tensor tensor = guarded(sizes);
        tensor.fill(Float.NaN);
        return remember(outputs, tensor);
    }

    /// A result that is added to, or changed in place.
    Tensor changed(int... sizes) {
        return remember(outputs, normal(guarded(sizes)));
    }

    /// A result that is added to where `accumulate`, else full of NaN.
    Tensor result(boolean accumulate, int... sizes) {
        return accumulate ? changed(sizes) : output(sizes);
    }

    /// A result with numbers between 0.5 and 2 that is changed in place.
    Tensor changedPositive(int... sizes) {
        Tensor tensor = positive(sizes);
        inputs.removeLast();
        return remember(outputs, tensor);
    }

    /// A single number that a kernel returns.
    Tensor number() {
        return output();
    }

    IntTensor ids(int count, int bound) {
        int[] ids = new int[count];
        for (int i = 0; i < count; i++) {
            ids[i] = random.nextInt(bound);
        }
        return IntTensor.of(ids, count);
    }

    /// The results of the call.
    List<Tensor> outputs() {
        return outputs.stream().map(Guarded::tensor).toList();
    }

    /// Nothing but the results has changed.
    void checkGuards() {
        for (Guarded guarded : inputs) {
            assertSameBits("an input and its guards", guarded.tensor.array(), guarded.before);
        }
        float[] expected = new float[GUARD];
        Arrays.fill(expected, SENTINEL);
        for (Guarded guarded : outputs) {
            float[] array = guarded.tensor.array();
            assertSameBits("the guard before a result", Arrays.copyOfRange(array, 0, GUARD), expected);
            assertSameBits("the guard after a result", Arrays.copyOfRange(array, array.length - GUARD, array.length), expected);
        }
    }

    /// One comparison for the whole array: a collection's own takes minutes for long ones.
    static void assertSameBits(String what, float[] actual, float[] expected) {
        int different = Arrays.mismatch(actual, expected);
        if (different >= 0) {
            assertThat(actual[different]).as(what + ", element " + different).isEqualTo(expected[different]);
        }
    }

    private Tensor guarded(int... sizes) {
        Shape shape = Shape.of(sizes);
        Tensor whole = Tensor.zeros(shape.elements() + 2 * GUARD);
        whole.fill(SENTINEL);
        return whole.range(GUARD, shape);
    }

    private Tensor normal(Tensor tensor) {
        for (int i = 0; i < tensor.elements(); i++) {
            tensor.set(i, NORMAL[drawn++ % NORMAL.length]);
        }
        return tensor;
    }

    private static Tensor remember(List<Guarded> list, Tensor tensor) {
        list.add(new Guarded(tensor, tensor.array().clone()));
        return tensor;
    }
}
