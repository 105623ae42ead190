/// Clocks: how fast the kernels and the training step are, beside the machine's ceilings and beside native libraries.
///
/// [Ladder] has the kernels rung by rung: `java -jar bench/target/benchmarks.jar`, with JMH's own options. [Yardstick]
/// takes turns between contenders in one run and gives ratios: `java -cp bench/target/benchmarks.jar
/// tributary.bench.Yardstick`. Whatever is timed has first computed the right result.
///
/// M replicas, H local steps.
@NullMarked
package tributary.bench;

import org.jspecify.annotations.NullMarked;
