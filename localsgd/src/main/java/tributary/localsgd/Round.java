package tributary.localsgd;

/// The steps between two synchronisations.
///
/// @param index t, 1 for the first round
/// @param first steps done before the round
/// @param last steps done after it
public record Round(int index, int first, int last) {}
