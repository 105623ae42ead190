package tributary.localsgd.laws;

/// A number of a law that a fit finds.
///
/// @param letter of the paper
/// @param low where the search begins at the lowest; of exponents only
/// @param high where the search begins at the highest; of exponents only
public record Coefficient(String letter, Kind kind, double low, double high) {

    /// What a coefficient does.
    public enum Kind {
        /// Scales a term. Positive: its coordinate is its logarithm.
        FACTOR,
        /// The factor of a term that never changes, to which the value falls.
        FLOOR,
        /// Says how the value changes with size: where it may be 0, there is no law.
        TREND,
        /// Any other exponent.
        EXPONENT
    }

    static Coefficient factor(String letter) {
        return new Coefficient(letter, Kind.FACTOR, 0, 0);
    }

    static Coefficient floor(String letter) {
        return new Coefficient(letter, Kind.FLOOR, 0, 0);
    }

    static Coefficient trend(String letter, double low, double high) {
        return new Coefficient(letter, Kind.TREND, low, high);
    }

    static Coefficient exponent(String letter, double low, double high) {
        return new Coefficient(letter, Kind.EXPONENT, low, high);
    }

    boolean scales() {
        return kind == Kind.FACTOR || kind == Kind.FLOOR;
    }
}
