package tributary.bench;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// Counts work beside the calls. In throughput per nanosecond that is GFLOP/s and GB/s.
@AuxCounters(AuxCounters.Type.OPERATIONS)
@State(Scope.Thread)
public class Speed {
    public long gflops;
    public long gigabytes;
}
