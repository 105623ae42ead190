package tributary.localsgd;

import tributary.tensor.Tensor;

/// What one replica sends in a round: the numbers that arrive, and the bytes it took to send them.
///
/// @param sender index of the replica
/// @param vector flat, as it arrives
/// @param bytes sent
public record Message(int sender, Tensor vector, long bytes) {

    /// Bytes of numbers sent as they are, in float32.
    public static long dense(Tensor vector) {
        return (long) Float.BYTES * vector.elements();
    }
}
