package tributary.tensor;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/// A pool of buffers for one training step's activations and gradients: reused, not freed, so that a step in steady
/// state allocates nothing. Not for several threads.
public final class Workspace {
    private final Map<Integer, Deque<Tensor>> free = new HashMap<>();
    private long allocatedElements;

    /// An empty pool.
    public Workspace() {}

    /// A tensor whose numbers are unspecified. It is the caller's until [#release].
    public Tensor acquire(Shape shape) {
        Deque<Tensor> pool = free.get(shape.elements());
        if (pool != null && !pool.isEmpty()) {
            Tensor tensor = pool.pop();
            return tensor.shape().equals(shape) ? tensor : tensor.reshape(shape);
        }
        allocatedElements += shape.elements();
        return Tensor.zeros(shape);
    }

    /// Gives a tensor of [#acquire] back.
    public void release(Tensor tensor) {
        free.computeIfAbsent(tensor.elements(), elements -> new ArrayDeque<>()).push(tensor);
    }

    /// The memory this pool has ever asked for, in bytes.
    public long allocatedBytes() {
        return allocatedElements * Float.BYTES;
    }
}
