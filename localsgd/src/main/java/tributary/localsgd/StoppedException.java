package tributary.localsgd;

/// A replica stopped between two of its steps because it was asked to. Its state is whole: training can go on from it.
public final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoppedException() {
        super("training was asked to stop", null, false, false);
    }
}
