package tributary.tensor;

import java.util.Arrays;

/// The sizes of a tensor's axes, slowest first. Immutable. A scalar has no axis and one element.
public final class Shape {
    private final int[] sizes;
    private final int elements;

    private Shape(int[] sizes) {
        long product = 1;
        for (int size : sizes) {
            if (size < 1) {
                throw new IllegalArgumentException("shape " + Arrays.toString(sizes) + ": every axis needs at least one element");
            }
            product = Math.multiplyExact(product, (long) size);
            if (product > Integer.MAX_VALUE - 8) {
                throw new IllegalArgumentException("shape " + Arrays.toString(sizes)
                        + ": more than 2^31 - 9 elements do not fit one array; cut the batch or the model");
            }
        }
        this.sizes = sizes;
        this.elements = (int) product;
    }

    /// @throws IllegalArgumentException where an axis is empty or the elements do not fit one array
    public static Shape of(int... sizes) {
        return new Shape(sizes.clone());
    }

    /// How many axes there are; 0 for a scalar.
    public int rank() {
        return sizes.length;
    }

    /// The size of an axis; a negative axis counts from the end, so -1 is the last.
    public int size(int axis) {
        int index = axis < 0 ? axis + sizes.length : axis;
        if (index < 0 || index >= sizes.length) {
            throw new IndexOutOfBoundsException("shape " + this + " has no axis " + axis);
        }
        return sizes[index];
    }

    /// The size of the last axis; 1 for a scalar.
    public int last() {
        return sizes.length == 0 ? 1 : sizes[sizes.length - 1];
    }

    /// How many rows of the last axis there are: elements / last.
    public int rows() {
        return elements / last();
    }

    public int elements() {
        return elements;
    }

    /// The product of the sizes of the axes in [from, to).
    public int elements(int from, int to) {
        int product = 1;
        for (int axis = from; axis < to; axis++) {
            product *= sizes[axis];
        }
        return product;
    }

    /// This shape with another last axis.
    public Shape withLast(int size) {
        int[] changed = sizes.clone();
        changed[changed.length - 1] = size;
        return new Shape(changed);
    }

    /// This shape with one more axis at the end.
    public Shape with(int size) {
        int[] changed = Arrays.copyOf(sizes, sizes.length + 1);
        changed[sizes.length] = size;
        return new Shape(changed);
    }

    /// This shape with two axes exchanged.
    public Shape swapped(int axis1, int axis2) {
        int[] changed = sizes.clone();
        changed[axis1] = sizes[axis2];
        changed[axis2] = sizes[axis1];
        return new Shape(changed);
    }

    /// This shape without one axis.
    public Shape without(int axis) {
        int[] changed = new int[sizes.length - 1];
        System.arraycopy(sizes, 0, changed, 0, axis);
        System.arraycopy(sizes, axis + 1, changed, axis, changed.length - axis);
        return new Shape(changed);
    }

    /// The common shape of two operands: aligned at the last axis, each pair of sizes equal or one of them 1.
    ///
    /// @throws IllegalArgumentException where the two do not broadcast
    public static Shape broadcast(Shape a, Shape b) {
        int rank = Math.max(a.rank(), b.rank());
        int[] sizes = new int[rank];
        for (int i = 1; i <= rank; i++) {
            int p = i <= a.rank() ? a.size(-i) : 1;
            int q = i <= b.rank() ? b.size(-i) : 1;
            if (p != q && p != 1 && q != 1) {
                throw new IllegalArgumentException(
                        "shapes " + a + " and " + b + " do not broadcast: " + p + " against " + q + " on axis -" + i);
            }
            sizes[rank - i] = Math.max(p, q);
        }
        return new Shape(sizes);
    }

    /// The sizes, as a copy.
    public int[] toArray() {
        return sizes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(sizes, shape.sizes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(sizes);
    }

    /// For example `(4, 64, 128)`.
    @Override
    public String toString() {
        return Arrays.toString(sizes).replace('[', '(').replace(']', ')');
    }
}
