package tributary.model.data;

import java.io.IOException;

/// Text that cannot be had or cannot be used. The message is one line for people: what was asked for, what is wrong with
/// it, what to do.
public final class DataException extends IOException {
    private static final long serialVersionUID = 1;

    public DataException(String message) {
        super(message);
    }

    public DataException(String message, Throwable cause) {
        super(message, cause);
    }
}
