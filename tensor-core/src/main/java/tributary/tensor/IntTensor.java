package tributary.tensor;

/// A shape over whole numbers: token ids, targets. Contiguous, row-major; element 0 stands at index 0 of the array.
public record IntTensor(int[] array, Shape shape) {

    public IntTensor {
        if (array.length != shape.elements()) {
            throw new IllegalArgumentException("ids " + shape + " need " + shape.elements() + " values, not " + array.length);
        }
    }

    public static IntTensor zeros(int... sizes) {
        Shape shape = Shape.of(sizes);
        return new IntTensor(new int[shape.elements()], shape);
    }

    public static IntTensor of(int[] ids, int... sizes) {
        return new IntTensor(ids, Shape.of(sizes));
    }

    public int elements() {
        return array.length;
    }
}
