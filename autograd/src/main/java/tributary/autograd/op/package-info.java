/// The operations, one file each: formula, shapes, source, forward and backward on one screen.
///
/// The `permits` clause of [tributary.autograd.op.Op] is the table of contents. Letters: `x` input, `y` output, `dx`
/// and `dy` their gradients; `R` rows, `C` the last axis; `B` batch, `T` context, `nh` heads, `hs` head size, `V`
/// vocabulary.
@NullMarked
package tributary.autograd.op;

import org.jspecify.annotations.NullMarked;
