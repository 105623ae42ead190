package tributary.localsgd;

import java.util.OptionalLong;

/// The steps between two synchronisations.
///
/// @param index t, 1 for the first round
/// @param first steps done before the round
/// @param last steps done after it
/// @param time where replicas do not wait for each other, the moment of the [Pace] at which it ends; steps are global ones then
public record Round(int index, int first, int last, OptionalLong time) {

    /// All replicas have done the same steps after it.
    public Round(int index, int first, int last) {
        this(index, first, last, OptionalLong.empty());
    }
}
