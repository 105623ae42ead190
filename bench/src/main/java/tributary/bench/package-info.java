/// Clocks: how fast the kernels are. Every benchmark first checks its result against plain loops.
///
/// Run `java -jar bench/target/benchmarks.jar Gemm`, with JMH's own options.
@NullMarked
package tributary.bench;

import org.jspecify.annotations.NullMarked;
