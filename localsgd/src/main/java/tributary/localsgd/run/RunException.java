package tributary.localsgd.run;

/// A run cannot start or go on. The message is one line for the user: where, what, and how to mend it.
public class RunException extends Exception {
    private static final long serialVersionUID = 1L;

    public RunException(String message) {
        super(message);
    }

    public RunException(String message, Throwable cause) {
        super(message, cause);
    }
}
