package tributary.localsgd.cluster;

/// How a worker spent its virtual time, in seconds.
///
/// @param compute inner steps that counted
/// @param transfer its messages, or those to it, were underway
/// @param waiting nothing to do until others were ready, its line was whole again, or what was underway had come
/// @param lost inner steps that a failure made vain
/// @param down it was not there
/// @param failures how often it went down
/// @param all of these together, the same for every worker of a cluster
/// @param underway besides, on its line: messages that were underway while it did any of these
public record WorkerTime(
        String worker, double compute, double transfer, double waiting, double lost, double down, int failures, double all,
        double underway) {

    /// Compute utilisation: the share of its time in which it computed; 0 before any time has passed.
    public double utilization() {
        return all == 0 ? 0 : compute / all;
    }
}
