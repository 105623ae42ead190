package tributary.localsgd.run;

import org.jspecify.annotations.Nullable;

/// Asks a run to stop at the end of the step it is in; it then writes a checkpoint. May be requested from any thread, a
/// shutdown hook among them.
public final class StopSignal {
    private final @Nullable StopSignal whole;
    private volatile boolean requested;

    /// Not requested yet.
    public StopSignal() {
        this(null);
    }

    private StopSignal(@Nullable StopSignal whole) {
        this.whole = whole;
    }

    /// A signal for a part of what this one stops: it counts as requested where this one is, and may be requested alone.
    public StopSignal part() {
        return new StopSignal(this);
    }

    public void request() {
        requested = true;
    }

    public boolean isRequested() {
        return requested || whole != null && whole.isRequested();
    }
}
