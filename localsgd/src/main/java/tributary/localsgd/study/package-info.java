/// Studies: one file declares a grid of trainings; they run as many at a time as there are cores, and what comes of each is
/// one line of a file that only grows.
///
/// Letters: N non-embedding parameters, D tokens trained on, C floating-point operations, M replicas, H local steps.
@NullMarked
package tributary.localsgd.study;

import org.jspecify.annotations.NullMarked;
