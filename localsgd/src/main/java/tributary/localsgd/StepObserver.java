package tributary.localsgd;

/// Hears of every inner step of every replica; called on the replicas' threads.
public interface StepObserver {

    /// Whether the replica may take the step; otherwise it stops where it is.
    ///
    /// @param step the number of the replica's own step, 1 for the first of the run
    boolean mayStart(int replica, int step);

    /// @param loss the mean loss of the replica's rows before the update, nats a token
    void finished(int replica, int step, double loss);

    /// A step was counted in which no loss was measured.
    default void skipped(int replica, int step) {}
}
