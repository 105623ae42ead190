/// The fast CPU backend: the same kernels on the Vector API and worker threads.
@NullMarked
package tributary.tensor.simd;

import org.jspecify.annotations.NullMarked;
