package tributary.localsgd.run;

/// A run was stopped before its end and can be resumed.
public final class RunStopped extends RunException {
    private static final long serialVersionUID = 1L;

    public RunStopped(String message) {
        super(message);
    }
}
