package tributary.model;

/// Training has left the finite numbers: a loss or a gradient is infinite or not a number.
public final class NonFiniteException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param fact what is not finite, for example `the loss is NaN`
    public NonFiniteException(String fact) {
        super(fact);
    }
}
