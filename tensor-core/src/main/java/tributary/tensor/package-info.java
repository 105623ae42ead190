/// Tensors and the kernels that work on them.
///
/// A [tributary.tensor.Tensor] is a shape over a range of a [tributary.tensor.Storage]: contiguous, row-major,
/// float32. [tributary.tensor.Kernels] is the contract every backend fulfils; its reference implementation is the
/// definition, and every fast one is judged by it.
///
/// Letters: `m, n, k` sizes of a matrix product; `R` rows, `C` the last axis; `B` batch, `T` context, `nh` heads,
/// `hs` head size, `V` vocabulary. A gradient of `x` is `dx`.
@NullMarked
package tributary.tensor;

import org.jspecify.annotations.NullMarked;
