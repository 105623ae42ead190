package tributary.tensor;

/// Functions of two numbers, applied element by element under broadcasting ([Shape#broadcast]).
public enum Binary {
    ADD,
    SUBTRACT,
    MULTIPLY,
    DIVIDE
}
