/// What is sent instead of float32 numbers: codecs with exact byte counts, and the error feedback that remembers what they
/// left out.
///
/// Letters: `n` the numbers of one message, `x` one of them, `e` the error kept for the next message.
@NullMarked
package tributary.localsgd.codec;

import org.jspecify.annotations.NullMarked;
