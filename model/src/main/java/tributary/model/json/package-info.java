/// Whole JSON files, read and written.
@NullMarked
package tributary.model.json;

import org.jspecify.annotations.NullMarked;
