/// Local SGD and its family: one page an algorithm, in the letters of its paper, over a group of replicas.
///
/// Letters: `M` replicas, `H` local steps a round, `t` the round, `theta` the global parameters, `theta_m` those of
/// replica m, `Delta` an outer gradient, `eta` the outer learning rate, `mu` the outer momentum, `P` the number of
/// parameters.
@NullMarked
package tributary.localsgd;

import org.jspecify.annotations.NullMarked;
