package tributary.localsgd.report;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tributary.localsgd.laws.Chinchilla;
import tributary.localsgd.laws.Fit;
import tributary.localsgd.laws.Joint;
import tributary.localsgd.laws.JointLocalSteps;
import tributary.localsgd.laws.Point;
import tributary.localsgd.laws.Power;
import tributary.localsgd.laws.Quantity;
import tributary.localsgd.plan.StudyLosses;

/// The laws of a study that plans draw on.
///
/// @param losses empty where its trainings do not carry them
/// @param text which laws they are and which are missing, for people
record StudyPlans(Optional<StudyLosses> losses, String text) {
    private static final int RESAMPLES = 300;

    /// @param name of the study
    static StudyPlans of(String name, List<Training> trainings) {
        Cells cells = Cells.of(trainings);
        Asked reference = Asked.of(new Power(), cells.references());
        Asked replicas = cells.families().values().stream().map(StudyPlans::replicas).filter(asked -> asked.fit().isPresent()).findFirst()
                .orElse(new Asked(Optional.empty(), "none with several replicas that its trainings carry"));
        if (reference.fit().isEmpty() || replicas.fit().isEmpty()) {
            return new StudyPlans(Optional.empty(),
                    "Drawn without the study " + name + ", which does not carry the laws that a plan takes ("
                            + (reference.fit().isEmpty() ? "data parallelism: " + reference.objection() : replicas.objection()) + ").");
        }
        Optional<Fit> tokens = tokens(trainings);
        return new StudyPlans(
                Optional.of(new StudyLosses(replicas.fit().get(), reference.fit().get(), tokens, "the study " + name)),
                "What several replicas cost is drawn from the laws of the study " + name + (tokens.isPresent() ? "."
                        : ", how the loss falls with tokens from a published law: the study's budgets do not carry one of its own."));
    }

    private static Asked replicas(List<Cell> family) {
        Asked both = Asked.of(new JointLocalSteps(), family);
        return both.fit().isPresent() ? both : Asked.of(new Joint(), family);
    }

    private static Optional<Fit> tokens(List<Training> trainings) {
        List<Point> points = trainings.stream()
                .filter(training -> training.arm().isReference() && training.onRule() && training.loss().isPresent())
                .map(training -> new Point(
                        new EnumMap<>(Map.of(Quantity.PARAMETERS, training.N(), Quantity.TOKENS, training.tokens())),
                        training.loss().getAsDouble()))
                .toList();
        try {
            return Optional.of(Fit.of(new Chinchilla(), points, RESAMPLES, 1)).filter(fit -> fit.objection().isEmpty());
        } catch (IllegalArgumentException tooFew) {
            return Optional.empty();
        }
    }
}
