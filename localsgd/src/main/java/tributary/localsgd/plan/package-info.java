/// Plans: how long training takes on clusters that are far from each other, or on many small devices, what it costs, and when
/// it is worth it. Formulas only; nothing is trained.
///
/// Letters: N parameters, D tokens trained on, B tokens of a step of all workers together, R workers, M replicas, K clusters, H
/// local steps, P fragments, tau the steps an exchange may take, p how many times the tokens that one replica takes to the same
/// loss, W bits a second, e seconds of latency, c seconds in which a step computes. Units: seconds, bytes, bits a second,
/// FLOP/s.
@NullMarked
package tributary.localsgd.plan;

import org.jspecify.annotations.NullMarked;
