package tributary.localsgd.run;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// How a run is carried out, as opposed to what it computes ([RunConfig]).
///
/// @param out the run's folder
/// @param resume whether to continue the run in `out` from its newest whole checkpoint
/// @param threads P, shared by the replicas
/// @param checkpointEvery steps between checkpoints; one is written at the first synchronisation at or after each multiple,
///     and one at the end
/// @param recompute whether the backward pass computes activations again instead of having them kept: less memory, up to
///     a third more time
/// @param roundLimit how long a replica may work on its part of a round before it counts as hung and is dropped; empty for as
///     long as it takes: how long is right depends on the machine, and what a run computes should not
/// @param stop ends the run early
public record RunOptions(
        Path out, boolean resume, int threads, int checkpointEvery, boolean recompute, Optional<Duration> roundLimit, StopSignal stop) {

    /// Without a limit for a round.
    public RunOptions(Path out, boolean resume, int threads, int checkpointEvery, boolean recompute, StopSignal stop) {
        this(out, resume, threads, checkpointEvery, recompute, Optional.empty(), stop);
    }

    public RunOptions {
        if (threads < 1) {
            throw new IllegalArgumentException("threads " + threads + " is not positive");
        }
        if (checkpointEvery < 1) {
            throw new IllegalArgumentException("checkpoint-every " + checkpointEvery + " is not positive");
        }
    }

    /// A fresh run in a folder, on all processors, with a checkpoint every 500 steps.
    public static RunOptions in(Path out) {
        return new RunOptions(out, false, Runtime.getRuntime().availableProcessors(), 500, false, new StopSignal());
    }
}
