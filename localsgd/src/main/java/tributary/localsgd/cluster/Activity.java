package tributary.localsgd.cluster;

/// What a worker does with its time.
enum Activity {
    /// Inner steps.
    COMPUTE,
    /// Its message is underway to the others.
    SEND,
    /// For those who are not ready.
    WAIT,
    /// The result is underway to it.
    RECEIVE
}
