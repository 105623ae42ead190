package tributary.localsgd.cluster;

/// How a worker spent its virtual time, in seconds.
///
/// @param transfer its messages, or those to it, were underway
/// @param waiting nothing to do until others were ready
/// @param all of these together, the same for every worker of a cluster
public record WorkerTime(String worker, double compute, double transfer, double waiting, double all) {

    /// Compute utilisation: the share of its time in which it computed; 0 before any time has passed.
    public double utilization() {
        return all == 0 ? 0 : compute / all;
    }
}
