package tributary.model.data;

/// In which order training walks through the data.
public enum Order {
    /// Every row of every batch starts at a random place.
    RANDOM,
    /// Row b of step s starts at token (s B + b) T, around the end.
    SEQUENTIAL
}
