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

    /// @throws IllegalArgumentException where there is not one worker for each of so many replicas
    public void requireWorkers(int replicas) {
        if (workers.size() != replicas) {
            throw new IllegalArgumentException("the cluster has " + workers.size() + " workers, the run " + replicas
                    + " replicas; make replicas " + workers.size());
        }
    }

    /// The line of a worker to some that it exchanges messages with: workers of one site of several meet there, everyone else
    /// where the sites do.
    ///
    /// @param together all that take part, itself among them
    Link line(int worker, List<Integer> together) {
        Worker own = workers.get(worker);
        if (own.site().isEmpty()) {
            return own.link();
        }
        long neighbours = together.stream().filter(other -> workers.get(other).site().equals(own.site())).count();
        boolean inside = together.size() > 1 && neighbours == together.size()
                && workers.stream().anyMatch(other -> !other.site().equals(own.site()));
        return inside ? own.link() : own.link().throughShared(own.site().orElseThrow().link(), (int) Math.max(1, neighbours));
    }

    /// In which everyone waits for whom it needs.
    public Cluster(double stepSeconds, long seed, Exchange exchange, List<Worker> workers) {
        this(stepSeconds, seed, exchange, new OnFailure.Wait(), workers);
    }
}
