package tributary.tensor;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A shape over a contiguous, row-major range of float32 numbers. Views share their storage: a change through one is
/// seen through all.
public final class Tensor {
    private final Storage storage;
    private final int offset;
    private final Shape shape;
    private @Nullable Tensor matrix;

    private Tensor(Storage storage, int offset, Shape shape) {
        if (offset < 0 || (long) offset + shape.elements() > storage.elements()) {
            throw new IllegalArgumentException(
                    "tensor " + shape + " at offset " + offset + " does not fit a storage of " + storage.elements() + " elements");
        }
        this.storage = storage;
        this.offset = offset;
        this.shape = shape;
    }

    /// A tensor of zeros on the heap.
    public static Tensor zeros(int... sizes) {
        return zeros(Shape.of(sizes));
    }

    /// A tensor of zeros on the heap.
    public static Tensor zeros(Shape shape) {
        return new Tensor(new Storage.Host(new float[shape.elements()]), 0, shape);
    }

    /// A tensor over the given array itself, not a copy.
    public static Tensor of(float[] values, int... sizes) {
        return of(values, Shape.of(sizes));
    }

    /// A tensor over the given array itself, not a copy.
    public static Tensor of(float[] values, Shape shape) {
        if (values.length != shape.elements()) {
            throw new IllegalArgumentException("tensor " + shape + " needs " + shape.elements() + " values, not " + values.length);
        }
        return new Tensor(new Storage.Host(values), 0, shape);
    }

    public Shape shape() {
        return shape;
    }

    public Storage storage() {
        return storage;
    }

    /// The index of the first element in the storage.
    public int offset() {
        return offset;
    }

    public int elements() {
        return shape.elements();
    }

    /// The heap array behind this tensor, whose element 0 stands at [#offset()].
    public float[] array() {
        return switch (storage) {
            case Storage.Host host -> host.array();
        };
    }

    /// The same numbers under another shape with as many elements.
    public Tensor reshape(int... sizes) {
        return reshape(Shape.of(sizes));
    }

    /// The same numbers under another shape with as many elements.
    public Tensor reshape(Shape other) {
        if (other.elements() != shape.elements()) {
            throw new IllegalArgumentException(
                    "reshape: " + shape + " has " + shape.elements() + " elements, " + other + " has " + other.elements());
        }
        return new Tensor(storage, offset, other);
    }

    /// A view of `other.elements()` numbers that start `from` elements into this tensor.
    public Tensor range(int from, Shape other) {
        if (from < 0 || (long) from + other.elements() > shape.elements()) {
            throw new IndexOutOfBoundsException("range: " + other + " from element " + from + " leaves tensor " + shape);
        }
        return new Tensor(storage, offset + from, other);
    }

    /// The view of index `i` of the first axis: (N, ...) -> (...).
    public Tensor slice(int i) {
        Shape rest = shape.without(0);
        if (i < 0 || i >= shape.size(0)) {
            throw new IndexOutOfBoundsException("slice: " + i + " of tensor " + shape);
        }
        return new Tensor(storage, offset + i * rest.elements(), rest);
    }

    /// This tensor as a matrix of rows of its last axis: (..., C) -> (R, C). The view is made once and kept.
    public Tensor matrix() {
        if (shape.rank() == 2) {
            return this;
        }
        Tensor view = matrix;
        if (view == null) {
            view = reshape(shape.rows(), shape.last());
            matrix = view;
        }
        return view;
    }

    /// One element by its row-major index.
    public float get(int index) {
        return array()[offset + index];
    }

    public void set(int index, float value) {
        array()[offset + index] = value;
    }

    /// The value of a tensor of one element.
    public float item() {
        if (shape.elements() != 1) {
            throw new IllegalStateException("item: tensor " + shape + " has " + shape.elements() + " elements, not one");
        }
        return get(0);
    }

    /// The numbers in row-major order, as a copy.
    public float[] toArray() {
        return Arrays.copyOfRange(array(), offset, offset + shape.elements());
    }

    /// A tensor of its own storage with the same numbers.
    public Tensor copy() {
        return of(toArray(), shape);
    }

    /// Overwrites these numbers with those of a tensor of as many elements.
    public void set(Tensor source) {
        if (source.elements() != elements()) {
            throw new IllegalArgumentException("set: " + source.shape + " does not fill " + shape);
        }
        System.arraycopy(source.array(), source.offset, array(), offset, elements());
    }

    public void fill(float value) {
        Arrays.fill(array(), offset, offset + elements(), value);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("tensor ").append(shape);
        int shown = Math.min(6, elements());
        for (int i = 0; i < shown; i++) {
            text.append(i == 0 ? " " : ", ").append(get(i));
        }
        return text.append(shown < elements() ? ", ..." : "").toString();
    }
}
