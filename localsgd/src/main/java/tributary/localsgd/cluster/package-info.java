/// A virtual cluster: training runs for real, time is simulated. Machines, links and what goes wrong with them are read
/// from a file; how long steps and messages take is computed, deterministic from a seed, and changes nothing in the numbers
/// unless workers that fail are dropped, or replicas wait for nobody.
///
/// Units: seconds in records, whole nanoseconds on the clock; bits a second on links; bytes in messages.
@NullMarked
package tributary.localsgd.cluster;

import org.jspecify.annotations.NullMarked;
