/// Reverse-mode differentiation: [tributary.autograd.Variable] holds a value and its gradient,
/// [tributary.autograd.Tape] records operations and walks them back, [tributary.autograd.ParameterStore] keeps all
/// parameters and all gradients of a model in two flat buffers of one layout.
@NullMarked
package tributary.autograd;

import org.jspecify.annotations.NullMarked;
