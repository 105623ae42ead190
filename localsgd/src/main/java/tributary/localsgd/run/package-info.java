/// A run: its configuration, its folder, its metrics, its checkpoints, and the driver that can be killed at any moment
/// and resumed to the same bits.
@NullMarked
package tributary.localsgd.run;

import org.jspecify.annotations.NullMarked;
