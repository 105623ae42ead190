package tributary.localsgd.laws;

import java.util.Map;

/// What was measured, and where.
///
/// @param at each quantity that is known there, positive
/// @param value of what the law is about, positive: a loss in nats a token, unless the law says otherwise
public record Point(Map<Quantity, Double> at, double value) {

    /// @throws IllegalArgumentException where a number is not positive or not finite
    public Point {
        at = Map.copyOf(at);
        at.forEach((quantity, number) -> require(quantity.column(), number));
        require("value", value);
    }

    private static void require(String name, double number) {
        if (!(number > 0 && Double.isFinite(number))) {
            throw new IllegalArgumentException(name + " " + number + " is not a positive number");
        }
    }
}
