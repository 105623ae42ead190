package tributary.model.format;

import java.io.IOException;

/// A file that is not what it should be. The message names the file, the place in it and what is wrong there.
public final class FormatException extends IOException {
    private static final long serialVersionUID = 1;

    public FormatException(String message) {
        super(message);
    }

    public FormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
