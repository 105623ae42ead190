package tributary.localsgd.study;

import java.nio.file.Path;
import java.util.Optional;
import tributary.localsgd.run.StopSignal;

/// How a study is carried out, as opposed to what it computes.
///
/// @param store its folder
/// @param data where its text is on this machine, in place of the study's own word, which the results keep
/// @param cores how many trainings run at once, each on one thread; what is left at the end shares them
/// @param order which come first
/// @param stop ends the study early; what runs writes a checkpoint
public record StudyOptions(Path store, Optional<String> data, int cores, Study.Order order, StopSignal stop) {

    public StudyOptions {
        if (cores < 1) {
            throw new IllegalArgumentException("cores " + cores + " is not positive");
        }
    }
}
