/// Text to ids and back.
@NullMarked
package tributary.model.tokenizer;

import org.jspecify.annotations.NullMarked;
