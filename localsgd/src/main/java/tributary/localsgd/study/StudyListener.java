package tributary.localsgd.study;

import java.util.List;
import tributary.localsgd.run.StepMetrics;

/// Hears how a study goes on. Called on the threads of the trainings, one call at a time; it should return quickly.
public interface StudyListener {

    /// Something worth a line to the user.
    default void message(String line) {}

    /// The text is read; trainings begin.
    ///
    /// @param plan what is still to do, in its order
    /// @param flops of each, from its beginning
    /// @param done results there are already
    default void began(List<Trial> plan, List<Double> flops, List<Result> done) {}

    /// A training begins, or goes on from an earlier session.
    ///
    /// @param firstStep steps done by earlier sessions
    default void started(Trial trial, int firstStep) {}

    /// A training did a step.
    default void step(Trial trial, StepMetrics metrics) {}

    /// A training ended; its result is stored.
    default void finished(Trial trial, Result result) {}
}
