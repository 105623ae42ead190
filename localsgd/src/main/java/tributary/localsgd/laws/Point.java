package tributary.localsgd.laws;

import java.util.Map;

/// A trained model: what it was trained with, and what came of it.
///
/// @param at each quantity the law depends on, positive
/// @param loss nats a token, positive
public record Point(Map<Quantity, Double> at, double loss) {

    /// @throws IllegalArgumentException where a number is not positive or not finite
    public Point {
        at = Map.copyOf(at);
        at.forEach((quantity, value) -> require(quantity.column(), value));
        require("loss", loss);
    }

    private static void require(String name, double value) {
        if (!(value > 0 && Double.isFinite(value))) {
            throw new IllegalArgumentException(name + " " + value + " is not a positive number");
        }
    }
}
