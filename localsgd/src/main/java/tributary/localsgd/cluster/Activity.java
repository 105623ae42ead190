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
    RECEIVE,
    /// Inner steps that a failure made vain.
    LOST,
    /// It is not there.
    DOWN,
    /// Its line is cut while a message should be underway.
    CUT
}
