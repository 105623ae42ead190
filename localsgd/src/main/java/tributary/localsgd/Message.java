package tributary.localsgd;

import tributary.tensor.Tensor;

/// What one replica sends in a round: the numbers that arrive, and the bytes it took to send them.
///
/// @param vector flat, as it arrives
/// @param bytes sent
public record Message(Tensor vector, long bytes) {

    /// Numbers sent as they are, in float32.
    public static Message of(Tensor vector) {
        return new Message(vector, (long) Float.BYTES * vector.elements());
    }
}
