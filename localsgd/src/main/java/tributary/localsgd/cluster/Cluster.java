package tributary.localsgd.cluster;

import java.util.List;

/// Machines and the lines between them.
///
/// @param stepSeconds what a step takes on a worker of speed 1
/// @param seed of step times, jitter and crashes
/// @param onFailure what a round does when a worker fails
/// @param workers one for each replica, in their order
public record Cluster(double stepSeconds, long seed, Exchange exchange, OnFailure onFailure, List<Worker> workers) {

    public Cluster {
        if (!(stepSeconds > 0 && stepSeconds <= 1e6)) {
            throw new IllegalArgumentException("step-seconds " + stepSeconds + " is not in (0, 1e6]; what does a step take at speed 1?");
        }
        if (workers.isEmpty()) {
            throw new IllegalArgumentException("there are no workers; give a site at least one");
        }
        workers = List.copyOf(workers);
        if (onFailure instanceof OnFailure.Drop(int quorum)) {
            long staying = workers.stream().filter(worker -> !worker.leaves()).count();
            if (quorum > staying) {
                throw new IllegalArgumentException("quorum " + quorum + " is more than the " + staying + " of " + workers.size()
                        + " workers that stay to the end; use at most " + staying);
            }
        }
    }

    /// In which everyone waits for whom it needs.
    public Cluster(double stepSeconds, long seed, Exchange exchange, List<Worker> workers) {
        this(stepSeconds, seed, exchange, new OnFailure.Wait(), workers);
    }
}
