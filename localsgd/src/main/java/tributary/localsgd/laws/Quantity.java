package tributary.localsgd.laws;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What a law can depend on: a column of the file of points.
public enum Quantity {
    /// N, without embeddings.
    PARAMETERS,
    /// D, trained on.
    TOKENS,
    /// M.
    REPLICAS,
    /// H.
    LOCAL_STEPS;

    /// The column's name, such as `local_steps`.
    public String column() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The quantity of a column, or empty.
    public static Optional<Quantity> of(String column) {
        return Arrays.stream(values()).filter(quantity -> quantity.column().equals(column)).findFirst();
    }
}
