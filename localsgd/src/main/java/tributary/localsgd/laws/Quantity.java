package tributary.localsgd.laws;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// What a law can depend on, or say: a column of a table of trained models.
public enum Quantity {
    /// N, without embeddings.
    PARAMETERS,
    /// D, trained on.
    TOKENS,
    /// C, operations of the training; 6 N D where it is not written.
    FLOPS,
    /// M.
    REPLICAS,
    /// H.
    LOCAL_STEPS,
    /// Of the inner optimizer, at its highest.
    LEARNING_RATE,
    /// Of the outer optimizer.
    OUTER_LEARNING_RATE,
    /// B, of one step over all replicas.
    BATCH_TOKENS,
    /// L, nats a token.
    LOSS;

    /// The column's name, such as `local_steps`.
    public String column() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The quantity of a column, or empty.
    public static Optional<Quantity> of(String column) {
        return Arrays.stream(values()).filter(quantity -> quantity.column().equals(column)).findFirst();
    }

    /// A value for people: whole numbers below a million as they are, else four digits, `12768`, `0.01173`, `3.5e9`.
    public static String text(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e6) {
            return Long.toString((long) value);
        }
        BigDecimal rounded = new BigDecimal(value).round(new MathContext(4)).stripTrailingZeros();
        boolean plain = Math.abs(value) >= 1e-4 && Math.abs(value) < 1e6;
        return plain ? rounded.toPlainString() : String.format(Locale.ROOT, "%se%d",
                rounded.movePointLeft(rounded.precision() - rounded.scale() - 1).stripTrailingZeros().toPlainString(),
                rounded.precision() - rounded.scale() - 1);
    }

    /// What it follows from where it is not written itself.
    public List<Quantity> origins() {
        return this == FLOPS ? List.of(PARAMETERS, TOKENS) : List.of();
    }

    /// Its value among these, or empty.
    public OptionalDouble in(Map<Quantity, Double> written) {
        Double value = written.get(this);
        if (value != null) {
            return OptionalDouble.of(value);
        }
        return !origins().isEmpty() && written.keySet().containsAll(origins())
                ? OptionalDouble.of(6 * written.get(PARAMETERS) * written.get(TOKENS))
                : OptionalDouble.empty();
    }
}
