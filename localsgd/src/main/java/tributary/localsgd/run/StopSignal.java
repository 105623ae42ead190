package tributary.localsgd.run;

/// Asks a run to stop at the end of the step it is in; it then writes a checkpoint. May be requested from any thread, a
/// shutdown hook among them.
public final class StopSignal {
    private volatile boolean requested;

    /// Not requested yet.
    public StopSignal() {}

    public void request() {
        requested = true;
    }

    public boolean isRequested() {
        return requested;
    }
}
