/// What all backends share: the checks at the door, and the random pattern of dropout. Not exported.
@NullMarked
package tributary.tensor.check;

import org.jspecify.annotations.NullMarked;
