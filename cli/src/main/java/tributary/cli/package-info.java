/// People: the commands, what they show while they work, and what they leave on the standard output.
///
/// Results (tables, generated text, one JSON object) go to the standard output, everything else to the standard error.
/// A command ends with 0, with 2 where it was asked for something that makes no sense, and with 1 where it failed.
@NullMarked
package tributary.cli;

import org.jspecify.annotations.NullMarked;
