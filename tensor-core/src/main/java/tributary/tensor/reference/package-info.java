/// The definition of every kernel: plain loops that read like the formula.
@NullMarked
package tributary.tensor.reference;

import org.jspecify.annotations.NullMarked;
