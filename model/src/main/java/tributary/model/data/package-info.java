/// Text from files, folders, archives and the JDK's own sources; tokens; batches for training and windows for evaluation.
///
/// Letters: B rows of a batch, T tokens of a row.
@NullMarked
package tributary.model.data;

import org.jspecify.annotations.NullMarked;
