/// GPT models: their shape, layers, training on one replica, evaluation and generation.
///
/// Letters: `B` batch, `T` context, `C` width, `V` vocabulary, `L` layers, `nh` heads, `hs` head size.
@NullMarked
package tributary.model;

import org.jspecify.annotations.NullMarked;
