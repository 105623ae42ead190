package tributary.tensor;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// A pool of buffers for one training step's activations and gradients: reused, not freed, so that a step in steady
/// state allocates nothing. Not for several threads.
public final class Workspace {
    private final Map<Integer, Deque<Tensor>> free = new HashMap<>();
    private final Map<Storage, Tensor> lent = new LinkedHashMap<>(); // in an order of its own: buffers are bound the same way each time
    private long allocatedElements;

    /// An empty pool.
    public Workspace() {}

    /// A tensor whose numbers are unspecified. It is the caller's until [#release].
    public Tensor acquire(Shape shape) {
        Deque<Tensor> pool = free.get(shape.elements());
        Tensor tensor;
        if (pool != null && !pool.isEmpty()) {
            tensor = pool.pop();
            tensor = tensor.shape().equals(shape) ? tensor : tensor.reshape(shape);
        } else {
            allocatedElements += shape.elements();
            tensor = Tensor.zeros(shape);
        }
        lent.put(tensor.storage(), tensor);
        return tensor;
    }

    /// Gives a tensor of [#acquire] back.
    public void release(Tensor tensor) {
        lent.remove(tensor.storage());
        giveBack(tensor);
    }

    /// Takes back whatever has not been released.
    public void releaseAll() {
        lent.values().forEach(this::giveBack);
        lent.clear();
    }

    private void giveBack(Tensor tensor) {
        free.computeIfAbsent(tensor.elements(), elements -> new ArrayDeque<>()).push(tensor);
    }

    /// The memory this pool has ever asked for, in bytes.
    public long allocatedBytes() {
        return allocatedElements * Float.BYTES;
    }
}
