package tributary.model.data;

/// Where a document stands among tokens.
///
/// @param document its name
/// @param from its first token
/// @param to after its last
public record Section(String document, int from, int to) {

    public int size() {
        return to - from;
    }
}
