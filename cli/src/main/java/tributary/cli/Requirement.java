package tributary.cli;

/// What options have to be.
final class Requirement {
    private Requirement() {}

    /// @throws IllegalArgumentException that names the option
    static void positive(String option, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(option + " " + value + " is not positive; use 1 or more");
        }
    }
}
