package tributary.model.optimizer;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import tributary.tensor.Tensor;

/// An optimizer's count of steps and its buffers, in the order in which they were made: they go into files in it.
abstract sealed class StatefulOptimizer implements Optimizer permits AdamW, Muon, ScheduleFreeSgd, Sgd {
    private final Map<String, Tensor> state = new LinkedHashMap<>();
    int steps;

    /// A new buffer of zeros that belongs to the state.
    final Tensor buffer(String name, int elements) {
        Tensor buffer = Tensor.zeros(elements);
        state.put(name, buffer);
        return buffer;
    }

    @Override
    public final int steps() {
        return steps;
    }

    @Override
    public final Map<String, Tensor> state() {
        return Collections.unmodifiableMap(state);
    }

    @Override
    public final void resume(int steps) {
        this.steps = steps;
    }
}
