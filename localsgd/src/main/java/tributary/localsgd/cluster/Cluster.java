package tributary.localsgd.cluster;

import java.util.List;

/// Machines and the lines between them.
///
/// @param stepSeconds what a step takes on a worker of speed 1
/// @param seed of step times and jitter
/// @param workers one for each replica, in their order
public record Cluster(double stepSeconds, long seed, Exchange exchange, List<Worker> workers) {

    public Cluster {
        if (!(stepSeconds > 0 && stepSeconds <= 1e6)) {
            throw new IllegalArgumentException("step-seconds " + stepSeconds + " is not in (0, 1e6]; what does a step take at speed 1?");
        }
        if (workers.isEmpty()) {
            throw new IllegalArgumentException("there are no workers; give a site at least one");
        }
        workers = List.copyOf(workers);
    }
}
