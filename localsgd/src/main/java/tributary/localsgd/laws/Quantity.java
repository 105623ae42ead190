package tributary.localsgd.laws;

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
