package tributary.model.data;

import tributary.tensor.IntTensor;

/// Where training batches come from: a pure function of the step, so that a run resumes without any state of its data.
public interface BatchSource {

    /// B, rows of the global batch.
    int batch();

    /// T, tokens of a row.
    int context();

    /// How many rows of the global batch replica `replica` of `replicas` takes: rows replica, replica + replicas, ...
    default int rows(int replica, int replicas) {
        return (batch() - replica + replicas - 1) / replicas;
    }

    /// Writes a replica's rows of a step's global batch.
    ///
    /// @param step steps done before this one, 0 at the first
    /// @param ids (rows, T), written
    /// @param targets (rows, T), the tokens that follow, written
    void fill(long step, int replica, int replicas, IntTensor ids, IntTensor targets);
}
