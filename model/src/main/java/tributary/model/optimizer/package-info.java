/// Optimizers on flat buffers, learning-rate schedules and clipping.
@NullMarked
package tributary.model.optimizer;

import org.jspecify.annotations.NullMarked;
