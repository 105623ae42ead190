package tributary.model.optimizer;

import java.util.Map;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// Moves parameters along their gradients. Its state is flat, in the layout of the parameters it was made for.
public interface Optimizer {

    /// One step.
    ///
    /// @param parameters flat, changed in place
    /// @param gradients flat; may be scaled in place
    /// @param gradientScale the factor to apply to every gradient first: what clipping asks for, else 1
    /// @param lr the learning rate of this step
    void step(Kernels kernels, Tensor parameters, Tensor gradients, float gradientScale, float lr);

    /// The parameters to evaluate and to keep, where they are other ones than those that are trained.
    ///
    /// @param parameters those that are trained
    default Tensor evaluated(Tensor parameters) {
        return parameters;
    }

    /// How many steps were taken.
    int steps();

    /// The flat buffers that, with [#steps], are its whole state: by name, the buffers themselves.
    Map<String, Tensor> state();

    /// Continues from a state whose buffers have been filled in through [#state].
    void resume(int steps);
}
