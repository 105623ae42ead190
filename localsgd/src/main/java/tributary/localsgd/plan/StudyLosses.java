package tributary.localsgd.plan;

import java.util.Optional;
import tributary.localsgd.laws.Fit;

/// What the laws of a study say of losses, for plans whose files say nothing of their own.
///
/// @param replicas the loss against N and M, perhaps H
/// @param reference the loss of data parallelism against N
/// @param tokens the law [tributary.localsgd.laws.Chinchilla] of data parallelism; empty where the study's budgets do not carry one
/// @param source for people: `the study quick`
public record StudyLosses(Fit replicas, Fit reference, Optional<Fit> tokens, String source) {

    LossRatio ratio() {
        return new LossRatio.Beside(FittedLaw.of(replicas, source), FittedLaw.of(reference, source));
    }

    TokenLaw tokenLaw() {
        return tokens.map(fit -> TokenLaw.fitted(FittedLaw.of(fit, source))).orElseGet(TokenLaw::published);
    }
}
