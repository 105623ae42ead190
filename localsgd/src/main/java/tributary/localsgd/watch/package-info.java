/// Watching: a page on this machine that follows runs while they train.
///
/// A run knows nothing of who watches it. [tributary.localsgd.watch.Dashboard] reads the `metrics.jsonl` that every run writes
/// anyway, from the run's own process or from another one, so that nothing that happens to it reaches the training.
@NullMarked
package tributary.localsgd.watch;

import org.jspecify.annotations.NullMarked;
