package tributary.tensor;

/// Where a tensor's numbers live. A tensor is a range of one storage; several tensors may share it.
public sealed interface Storage permits Storage.Host {

    /// How many float32 elements it holds.
    int elements();

    /// Storage in a Java array, on the heap.
    record Host(float[] array) implements Storage {
        @Override
        public int elements() {
            return array.length;
        }
    }
}
